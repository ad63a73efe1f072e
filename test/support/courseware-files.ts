import { execFileSync } from 'node:child_process';
import { crc32, deflateSync } from 'node:zlib';
import yazl from 'yazl';

/** Files such as teachers bring, and such as nobody should. All of them are made here. */

const CORNER = { title: 'Fractions', script: 'app.alert("run")' };

interface PdfOptions {
  readonly pages?: number;
  /** Runs when it is opened in a reader that runs scripts. */
  readonly script?: boolean;
  /** Of a page, points. */
  readonly size?: readonly [number, number];
  /** A page filled with a picture as cameras take it, grain and all: as a drawing it would be heavy. */
  readonly photograph?: boolean;
}

/** A PDF 1.4 file with a line of text and a rectangle a page. */
export function pdf({
  pages = 1,
  script = false,
  size = [720, 405],
  photograph = false,
}: PdfOptions = {}): Buffer {
  const kids = Array.from({ length: pages }, (_, i) => 10 + 2 * i);
  const objects = new Map<number, string | Buffer>([
    [1, `<</Type/Catalog/Pages 2 0 R${script ? '/OpenAction 4 0 R' : ''}>>`],
    [2, `<</Type/Pages/Count ${pages}/Kids[${kids.map((id) => `${id} 0 R`).join(' ')}]>>`],
    [3, '<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>'],
  ]);
  if (script) objects.set(4, `<</S/JavaScript/JS(${CORNER.script})>>`);
  if (photograph) objects.set(5, noiseImage());
  for (const [i, id] of kids.entries()) {
    const resources = `<</Font<</F 3 0 R>>${photograph ? '/XObject<</I 5 0 R>>' : ''}>>`;
    const box = `/MediaBox[0 0 ${size[0]} ${size[1]}]`;
    objects.set(id, `<</Type/Page/Parent 2 0 R${box}/Resources${resources}/Contents ${id + 1} 0 R>>`);
    const picture = photograph ? `q ${size[0]} 0 0 ${size[1]} 0 0 cm /I Do Q\n` : '';
    const text = `${picture}1 0 0 rg 40 40 ${100 + i * 20} 60 re f BT /F 32 Tf 60 250 Td (${CORNER.title} ${i + 1}) Tj ET`;
    objects.set(id + 1, `<</Length ${text.length}>>\nstream\n${text}\nendstream`);
  }
  return assemble(objects);
}

function noiseImage(): Buffer {
  const [width, height] = [640, 360];
  const pixels = Buffer.alloc(width * height * 3);
  let seed = 7;
  for (let i = 0; i < pixels.length; i++) {
    seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff;
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    pixels[i] = 128 + 90 * Math.sin(x / 70) * Math.cos(y / 50) + ((seed >> 16) % 13);
  }
  const data = deflateSync(pixels);
  const head = `<</Type/XObject/Subtype/Image/Width ${width}/Height ${height}/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/FlateDecode/Length ${data.length}>>\nstream\n`;
  return Buffer.concat([Buffer.from(head), data, Buffer.from('\nendstream')]);
}

function assemble(objects: ReadonlyMap<number, string | Buffer>): Buffer {
  const parts: Buffer[] = [Buffer.from('%PDF-1.4\n')];
  const offsets = new Map<number, number>();
  let length = 9;
  const push = (part: Buffer) => {
    parts.push(part);
    length += part.length;
  };
  for (const [id, body] of objects) {
    offsets.set(id, length);
    push(Buffer.from(`${id} 0 obj\n`));
    push(Buffer.from(body));
    push(Buffer.from('\nendobj\n'));
  }
  const start = length;
  const count = Math.max(...objects.keys()) + 1;
  const rows = Array.from({ length: count }, (_, id) => {
    const offset = offsets.get(id);
    return offset === undefined ? '0000000000 65535 f \n' : `${String(offset).padStart(10, '0')} 00000 n \n`;
  });
  push(Buffer.from(`xref\n0 ${count}\n${rows.join('')}trailer\n<</Size ${count}/Root 1 0 R>>\n`));
  push(Buffer.from(`startxref\n${start}\n%%EOF\n`));
  return Buffer.concat(parts);
}

/** A picture of one bit a pixel, half of it black. */
export function png(width: number, height: number): Buffer {
  const row = Math.ceil(width / 8) + 1;
  const pixels = Buffer.alloc(row * height);
  pixels.fill(0xff, 0, (row * height) >> 1);
  for (let y = 0; y < height; y++) pixels[y * row] = 0; // no filter
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.writeUInt8(1, 8); // bits a pixel; the rest is zero: grey, deflate, no interlace
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(pixels)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(4);
  frame.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([frame, body, sum]);
}

/** A picture as ffmpeg makes it: `mjpeg`, `libwebp`, `gif`. */
export function picture(codec: 'mjpeg' | 'libwebp' | 'gif', width = 320, height = 180): Buffer {
  const format = { mjpeg: 'mjpeg', libwebp: 'webp', gif: 'gif' }[codec];
  const source = `testsrc=size=${width}x${height}:rate=1`;
  const args = [
    '-v',
    'error',
    '-f',
    'lavfi',
    '-i',
    source,
    '-frames:v',
    '1',
    '-c:v',
    codec,
    '-f',
    format,
    '-',
  ];
  return execFileSync(process.env.FFMPEG_BIN ?? 'ffmpeg', args, { maxBuffer: 1 << 26 });
}

/** The same with a note that the camera was held on its side. */
export function lyingJpeg(width = 320, height = 180): Buffer {
  const jpeg = picture('mjpeg', width, height);
  const tiff = Buffer.from(
    '4949 2a00 08000000 0100 1201 0300 01000000 0600 0000 00000000'.replaceAll(' ', ''),
    'hex',
  );
  const exif = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff]);
  const head = Buffer.from([0xff, 0xe1, 0, 0]);
  head.writeUInt16BE(exif.length + 2, 2);
  return Buffer.concat([jpeg.subarray(0, 2), head, exif, jpeg.subarray(2)]);
}

export const SVG = `<?xml version="1.0"?>
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 160 90">
  <metadata>made by a drawing program</metadata>
  <style>.a { fill: #0a7; stroke: none } @import url(http://elsewhere.test/x.css);</style>
  <rect class="a" width="160" height="45"/>
  <image href="http://elsewhere.test/spy.png" width="10" height="10"/>
  <text x="10" y="70" font-size="20">༡ + ༢</text>
</svg>`;

/** A drawing, and at the same time a page that would run in a browser. */
export const ACTIVE_SVGS: Readonly<Record<string, string>> = {
  'a script': `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><script>fetch('/api/v1/session')</script></svg>`,
  'a script of another namespace': `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><h:script xmlns:h="http://www.w3.org/1999/xhtml">1</h:script></svg>`,
  'a handler': `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" onload="alert(1)"/>`,
  'an address that runs': `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><a href=" java&#10;script:alert(1)"><path d="M0 0"/></a></svg>`,
};

/** Ten parts that each use the one before ten times: a few lines that draw ten billion circles. */
export function swellingSvg(): string {
  const parts = Array.from({ length: 10 }, (_, i) => {
    const use = `<use href="#p${i}"/>`.repeat(10);
    return `<g id="p${i + 1}">${use}</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle id="p0" r="1"/>${parts.join('')}<use href="#p10"/></svg>`;
}

/** An archive as slides are, of whatever is given: names and contents. */
export async function archive(files: Readonly<Record<string, Buffer | string>>): Promise<Buffer> {
  const zip = new yazl.ZipFile();
  for (const [name, content] of Object.entries(files)) zip.addBuffer(Buffer.from(content), name);
  zip.end();
  const parts: Buffer[] = [];
  for await (const part of zip.outputStream) parts.push(Buffer.from(part));
  return Buffer.concat(parts);
}

/** Slides of a few hundred kilobytes that unpack to 100 megabytes of nothing. */
export function swellingSlides(): Promise<Buffer> {
  return archive({ 'ppt/presentation.xml': '<p/>', 'ppt/media/image1.bmp': Buffer.alloc(100 * 1024 * 1024) });
}
