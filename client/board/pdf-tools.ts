import type { PageFile } from '../../protocol/board-events.ts';
import { drawingOperators } from './drawing-pdf.ts';
import type { PdfDrawing, PdfPicture, PdfTools, Stencil } from './export-pdf.ts';
import { fetchPage } from './fetch-page.ts';
import { fileUrl } from './page-file.ts';
import { contentSprite } from './sprites.ts';

/** Pixels a board unit: 570 dots an inch on the page that is printed. */
const STENCIL_SCALE = 4;
/** A stencil's sides, pixels: what every browser's canvas can be. */
const STENCIL_SIDE = 8_192;

/** What a browser lends the PDF writer, for a board of this lesson. */
export const browserPdfTools = (lesson: string): PdfTools => ({
  beneath: (file) => beneath(file, lesson),
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

/** As lines where the page is a drawing that can be said in a PDF's own; else drawn once, larger than any screen shows it. */
async function beneath(file: PageFile, lesson: string): ReturnType<PdfTools['beneath']> {
  const url = fileUrl(lesson, file);
  if (file.form === 'svg') {
    const drawing = await drawingAt(url);
    if (drawing) return drawing;
  }
  const scale = PICTURE_SIDE / Math.max(file.width, file.height);
  return pictureOf(await imageAt(url), { ...file, scale, ground: '#ffffff' });
}

async function drawingAt(url: string): Promise<PdfDrawing | null> {
  const text = await (await fetchPage(url)).text();
  const root = new DOMParser().parseFromString(text, 'image/svg+xml').documentElement;
  const drawing = drawingOperators(root);
  if (!drawing) return null;
  const pictures: PdfPicture[] = [];
  for (const { url, ratio } of drawing.pictures) {
    if (!/^data:image\/(?:png|jpeg|webp);base64,/.test(url)) return null;
    const image = await imageAt(url);
    const { naturalWidth: width, naturalHeight: height } = image;
    if (Math.abs(width / height / ratio - 1) > SAME_RATIO) return null; // fitted, with bars beside it
    pictures.push(await pictureOf(image, { width, height, scale: 1, ground: null }));
  }
  return { ...drawing, kind: 'drawing', pictures };
}

/** How much the shape of a picture may differ from that of its place. */
const SAME_RATIO = 0.01;

async function imageAt(url: string): Promise<HTMLImageElement> {
  const image = new Image();
  image.src = url;
  await image.decode();
  return image;
}

/** `ground`: what is behind it; null where it may shine through. */
async function pictureOf(
  image: HTMLImageElement,
  size: { width: number; height: number; scale: number; ground: string | null },
): Promise<PdfPicture> {
  const [width, height] = [Math.round(size.width * size.scale), Math.round(size.height * size.scale)];
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width, height });
  const context = canvas.getContext('2d');
  if (!context) throw new Error('This browser has no 2d canvas');
  if (size.ground) {
    context.fillStyle = size.ground;
    context.fillRect(0, 0, width, height);
  }
  context.drawImage(image, 0, 0, width, height);
  const alpha = size.ground ? null : takeAlpha(context, width, height);
  const blob = await new Promise<Blob | null>((made) => canvas.toBlob(made, 'image/jpeg', PICTURE_QUALITY));
  if (!blob) throw new Error('This browser made no JPEG');
  const jpeg = new Uint8Array(await blob.arrayBuffer());
  return { kind: 'picture', width, height, jpeg, ...(alpha && { alpha }) };
}

/** Colours stay, as if nothing shone through; null where nothing does. */
function takeAlpha(context: CanvasRenderingContext2D, width: number, height: number): Uint8Array | null {
  const pixels = context.getImageData(0, 0, width, height);
  const alpha = new Uint8Array(width * height);
  for (let i = 0; i < alpha.length; i++) {
    alpha[i] = pixels.data[4 * i + 3] ?? 255;
    pixels.data[4 * i + 3] = 255;
  }
  if (alpha.every((value) => value === 255)) return null;
  context.putImageData(pixels, 0, 0);
  return alpha;
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
