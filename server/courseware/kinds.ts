import { FileRefused } from './refused.ts';

/** What a file is, by its content alone: names are written by people and by those who mean ill. */
export type FileKind = 'pdf' | 'slides' | 'svg' | RasterKind;
export type RasterKind = 'png' | 'jpeg' | 'webp' | 'gif';

/** Bytes from a file's beginning by which it is told. */
export const HEAD_BYTES = 4096;

/** Throws FileRefused for what is none of them. */
export function kindOf(head: Uint8Array): FileKind {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  const text = bytes.toString('latin1');
  if (text.startsWith('%PDF-')) return 'pdf';
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
  if (text.startsWith('\xff\xd8\xff')) return 'jpeg';
  if (text.startsWith('RIFF') && text.slice(8, 12) === 'WEBP') return 'webp';
  if (/^GIF8[79]a/.test(text)) return 'gif';
  if (text.startsWith('PK\x03\x04')) return 'slides'; // whether they are slides its table of contents says
  if (isSvg(bytes.toString('utf8'))) return 'svg';
  throw new FileRefused('file_kind_unknown');
}

/** An XML declaration, comments and a document type may stand before the drawing, and nothing else. */
function isSvg(text: string): boolean {
  const prolog =
    /^\ufeff?\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--[\s\S]*?-->\s*|<!DOCTYPE[^>[]*(?:\[[\s\S]*?\])?\s*>\s*)*/;
  return /^<(?:\w+:)?svg[\s>]/.test(text.replace(prolog, ''));
}
