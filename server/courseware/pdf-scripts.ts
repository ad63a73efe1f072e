import { createInflate } from 'node:zlib';

/** What an action that runs something is called (ISO 32000-1, 12.6.4.16); long enough not to occur in a picture by chance. */
const SCRIPT = '/JavaScript';
/** Names may be written with their letters' numbers: 7.3.5. */
const ESCAPED = /#([0-9A-Fa-f]{2})/g;
/** Objects may lie packed in a stream of their own: 7.5.7. */
const PACKED = '/ObjStm';
/** Between that name and its stream there are some numbers. */
const HEAD = 512;
const CHUNK = 1 << 20;
/** Objects of the largest documents are less, bytes unpacked. */
const MOST_UNPACKED = 16 << 20;

/**
 * Whether a PDF holds a program that a reader would run. What is encrypted cannot be looked into; nothing that is made of a
 * document here holds more than its pages, so a program that is not found is not run either.
 */
export async function hasScript(pdf: Buffer): Promise<boolean> {
  if (namesScript(pdf)) return true;
  for (let at = pdf.indexOf(PACKED); at >= 0; at = pdf.indexOf(PACKED, at + 1)) {
    const head = pdf.toString('latin1', at, at + HEAD);
    const begin = /stream\r?\n/.exec(head);
    if (begin && namesScript(await unpacked(pdf.subarray(at + begin.index + begin[0].length)))) return true;
  }
  return false;
}

function namesScript(bytes: Buffer): boolean {
  for (let at = 0; at < bytes.length; at += CHUNK) {
    // With room for a name that lies across, every letter of it escaped.
    const text = bytes.toString('latin1', at, at + CHUNK + 3 * SCRIPT.length);
    if (text.includes(SCRIPT)) return true;
    const isEscaped = text.includes('#');
    const plain = (_: string, number: string) => String.fromCharCode(Number.parseInt(number, 16));
    if (isEscaped && text.replace(ESCAPED, plain).includes(SCRIPT)) return true;
  }
  return false;
}

/** As much as can be read: what follows a stream, or a stream that is broken, ends it. */
async function unpacked(bytes: Buffer): Promise<Buffer> {
  const inflate = createInflate();
  const parts: Buffer[] = [];
  let length = 0;
  inflate.end(bytes);
  try {
    for await (const part of inflate) {
      parts.push(part);
      length += part.length;
      if (length > MOST_UNPACKED) break;
    }
  } catch {
    // Poppler says whether the document can be read at all.
  }
  return Buffer.concat(parts);
}
