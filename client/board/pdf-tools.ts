import type { PageFile } from '../../protocol/board-events.ts';
import type { PdfTools, Stencil } from './export-pdf.ts';
import { fileUrl } from './page-file.ts';
import { contentSprite } from './sprites.ts';

/** Pixels a board unit: 570 dots an inch on the page that is printed. */
const STENCIL_SCALE = 4;
/** A stencil's sides, pixels: what every browser's canvas can be. */
const STENCIL_SIDE = 8_192;

/** What a browser lends the PDF writer, for a board of this lesson. */
export const browserPdfTools = (lesson: string): PdfTools => ({
  picture: (file) => pictureOf(file, lesson),
  stencil(text): Stencil {
    const sprite = contentSprite(text);
    const { left, top, right, bottom } = sprite.box;
    const scale = Math.min(STENCIL_SCALE, STENCIL_SIDE / (right - left), STENCIL_SIDE / (bottom - top));
    const [width, height] = [Math.ceil((right - left) * scale), Math.ceil((bottom - top) * scale)];
    const canvas = document.createElement('canvas');
    Object.assign(canvas, { width, height });
    const context = canvas.getContext('2d', { willReadFrequently: true });
    if (!context) throw new Error('This browser has no 2d canvas');
    context.scale(scale, scale);
    context.translate(-left, -top);
    sprite.paint(context);
    const { data } = context.getImageData(0, 0, width, height);
    return { width, height, bits: bitsOf(data, width, height), left, top, right, bottom };
  },
  async deflate(data) {
    const stream = new Blob([new Uint8Array(data)]).stream().pipeThrough(new CompressionStream('deflate'));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  },
});

/** Longer side of a page's picture, pixels: 200 dots an inch on the page that is printed. */
const PICTURE_SIDE = 2_600;
const PICTURE_QUALITY = 0.86;

/** A PDF knows neither WebP nor SVG: the page is drawn once, larger than any screen shows it. */
async function pictureOf(file: PageFile, lesson: string): ReturnType<PdfTools['picture']> {
  const image = new Image();
  image.src = fileUrl(lesson, file);
  await image.decode();
  const scale = PICTURE_SIDE / Math.max(file.width, file.height);
  const [width, height] = [Math.round(file.width * scale), Math.round(file.height * scale)];
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width, height });
  const context = canvas.getContext('2d');
  if (!context) return null;
  context.fillStyle = '#ffffff';
  context.fillRect(0, 0, width, height);
  context.drawImage(image, 0, 0, width, height);
  const blob = await new Promise<Blob | null>((made) => canvas.toBlob(made, 'image/jpeg', PICTURE_QUALITY));
  return blob && { width, height, jpeg: new Uint8Array(await blob.arrayBuffer()) };
}

function bitsOf(pixels: Uint8ClampedArray, width: number, height: number): Uint8Array {
  const row = Math.ceil(width / 8);
  const bits = new Uint8Array(row * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if ((pixels[(y * width + x) * 4 + 3] ?? 0) < 128) continue;
      const at = y * row + (x >> 3);
      bits[at] = (bits[at] ?? 0) | (128 >> (x & 7));
    }
  }
  return bits;
}
