import type { BoardPage } from '../../protocol/board.ts';
import { PAGE_HEIGHT, PAGE_WIDTH, type PageFile } from '../../protocol/board-events.ts';
import type { DrawingOperators } from './drawing-pdf.ts';
import { figuresOf, type PathFigure, short, type TextFigure } from './figures.ts';
import { placeOf } from './page-file.ts';

/** A letter-shaped text as a stencil: one bit a pixel, set where ink goes, rows padded to whole bytes. */
export interface Stencil {
  readonly width: number;
  readonly height: number;
  readonly bits: Uint8Array;
  /** Where it lies, board units. */
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Pixels as a PDF knows them. */
export interface PdfPicture {
  readonly kind: 'picture';
  readonly width: number;
  readonly height: number;
  readonly jpeg: Uint8Array;
  /** One byte a pixel, where something shines through. */
  readonly alpha?: Uint8Array;
}

export interface PdfDrawing extends Omit<DrawingOperators, 'pictures'> {
  readonly kind: 'drawing';
  readonly pictures: readonly PdfPicture[];
}

export interface PdfTools {
  /** Letters as a stencil: a PDF cannot rely on fonts for Tibetan, and fonts would outweigh the board. */
  stencil(text: TextFigure['text']): Stencil;
  /** The file beneath a page's ink: as lines where it consists of them. */
  beneath(file: PageFile): Promise<PdfPicture | PdfDrawing>;
  /** zlib (RFC 1950). */
  deflate(data: Uint8Array): Promise<Uint8Array>;
}

/** Points a board unit: a page is 960 by 540 points, 34 by 19 cm. */
const SCALE = 0.5;

/**
 * Pages as a PDF 1.7 file of vectors (ISO 32000-1). Nothing in it can run: no actions, no forms, no links, and
 * nothing that people wrote gets into it but as lines and stencils.
 */
export async function toPdf(
  pages: readonly BoardPage[],
  tools: PdfTools,
  veiled?: readonly string[],
): Promise<Uint8Array> {
  const file = new PdfFile();
  const catalogue = file.reserve();
  const tree = file.reserve();
  const faint = file.add('<</Type/ExtGState/ca 0.4/CA 0.4>>');
  const kids: number[] = [];
  for (const page of pages) kids.push(await addPage(file, tree, faint, page, tools, veiled));
  const media = `[0 0 ${PAGE_WIDTH * SCALE} ${PAGE_HEIGHT * SCALE}]`;
  file.fill(
    tree,
    `<</Type/Pages/Count ${kids.length}/Kids[${kids.map((id) => `${id} 0 R`).join(' ')}]/MediaBox${media}>>`,
  );
  file.fill(catalogue, `<</Type/Catalog/Pages ${tree} 0 R>>`);
  return file.close(catalogue);
}

async function addPage(
  file: PdfFile,
  tree: number,
  faint: number,
  page: BoardPage,
  tools: PdfTools,
  veiled: readonly string[] | undefined,
): Promise<number> {
  /** The file beneath, where there is one, and letters. */
  const images: number[] = [];
  const parts = [`${SCALE} 0 0 ${-SCALE} 0 ${PAGE_HEIGHT * SCALE} cm 1 J 1 j`];
  if (page.file) {
    const { left, top, width, height } = placeOf(page.file);
    const beneath = await tools.beneath(page.file);
    parts.push(`q ${[width, 0, 0, -height, left, top + height].map(short).join(' ')} cm /I0 Do Q`);
    const added =
      beneath.kind === 'drawing' ? addDrawing(file, beneath, tools) : addPicture(file, beneath, tools);
    images.push(await added);
  }
  for (const figure of figuresOf(page, veiled)) {
    if (figure.kind === 'path') parts.push(pathOperators(figure));
    else {
      const stencil = tools.stencil(figure.text);
      const size = `/Width ${stencil.width}/Height ${stencil.height}`;
      const mask = `/Type/XObject/Subtype/Image/ImageMask true/BitsPerComponent 1/Decode[1 0]${size}`;
      parts.push(stencilOperators(figure, stencil, images.length));
      images.push(file.addStream(`${mask}/Filter/FlateDecode`, await tools.deflate(stencil.bits)));
    }
  }
  const content = new TextEncoder().encode(parts.join('\n'));
  const contents = file.addStream('/Filter/FlateDecode', await tools.deflate(content));
  const named = images.map((id, i) => `/I${i} ${id} 0 R`).join('');
  const resources = `<</ExtGState<</F ${faint} 0 R>>/XObject<<${named}>>>>`;
  return file.add(`<</Type/Page/Parent ${tree} 0 R/Resources${resources}/Contents ${contents} 0 R>>`);
}

/** Fills the unit square upright, as images do. */
async function addDrawing(file: PdfFile, drawing: PdfDrawing, tools: PdfTools): Promise<number> {
  const [x, y, width, height] = drawing.box;
  const pictures: string[] = [];
  for (const [i, picture] of drawing.pictures.entries())
    pictures.push(`/D${i} ${await addPicture(file, picture, tools)} 0 R`);
  const alphas = drawing.alphas.map(([fill, stroke], i) => `/T${i}<</ca ${fill}/CA ${stroke}>>`);
  const shadings = drawing.shadings.map((dictionary, i) => `/S${i} ${file.add(dictionary)} 0 R`);
  const matrix = [1 / width, 0, 0, -1 / height, -x / width, 1 + y / height].map((value) => value.toFixed(9));
  const placed = `/BBox[${x} ${y} ${x + width} ${y + height}]/Matrix[${matrix.join(' ')}]`;
  const resources = `/Resources<</XObject<<${pictures.join(' ')}>>/ExtGState<<${alphas.join('')}>>/Shading<<${shadings.join(' ')}>>>>`;
  const content = await tools.deflate(new TextEncoder().encode(drawing.content));
  return file.addStream(`/Type/XObject/Subtype/Form${placed}${resources}/Filter/FlateDecode`, content);
}

async function addPicture(file: PdfFile, picture: PdfPicture, tools: PdfTools): Promise<number> {
  const image = `/Type/XObject/Subtype/Image/Width ${picture.width}/Height ${picture.height}/BitsPerComponent 8`;
  const shine = picture.alpha && (await tools.deflate(picture.alpha));
  const mask = shine ? file.addStream(`${image}/ColorSpace/DeviceGray/Filter/FlateDecode`, shine) : null;
  const masked = mask === null ? '' : `/SMask ${mask} 0 R`;
  return file.addStream(`${image}/ColorSpace/DeviceRGB${masked}/Filter/DCTDecode`, picture.jpeg);
}

const OPERATORS = { M: 'm', L: 'l', C: 'c', Z: 'h' } as const;

function pathOperators({ path, colour, width, dash, opacity, matrix }: PathFigure): string {
  const way = path
    .map(([command, ...numbers]) => `${numbers.map(short).join(' ')} ${OPERATORS[command]}`)
    .join('\n');
  const line = width === undefined ? '' : `${short(width)} w [${dash?.map(short).join(' ') ?? ''}] 0 d `;
  const paint = `${rgb(colour)} ${width === undefined ? 'rg' : 'RG'} ${line}${opacity < 1 ? '/F gs ' : ''}`;
  return `q ${moved(matrix)}${paint}\n${way}\n${width === undefined ? 'f' : 'S'} Q`;
}

/** An image stands upright in a unit square; the page's y runs down. */
function stencilOperators({ text, matrix }: TextFigure, at: Stencil, index: number): string {
  const place = [at.right - at.left, 0, 0, at.top - at.bottom, at.left, at.bottom].map(short).join(' ');
  return `q ${moved(matrix)}${rgb(text.colour)} rg ${place} cm /I${index} Do Q`;
}

function moved(matrix: PathFigure['matrix']): string {
  return matrix ? `${matrix.map((value) => value.toFixed(6)).join(' ')} cm ` : '';
}

function rgb(colour: string): string {
  const value = /^#[0-9a-f]{6}$/.test(colour) ? Number.parseInt(colour.slice(1), 16) : 0;
  return [value >> 16, (value >> 8) & 255, value & 255].map((part) => short(part / 255)).join(' ');
}

/** Objects, and where each begins. */
class PdfFile {
  readonly #parts: Uint8Array[] = [];
  readonly #offsets: number[] = [];
  #length = 0;

  constructor() {
    this.#write('%PDF-1.7\n%\u00e2\u00e3\n');
  }

  reserve(): number {
    return this.#offsets.push(0);
  }

  fill(id: number, body: string): void {
    this.#offsets[id - 1] = this.#length;
    this.#write(`${id} 0 obj\n${body}\nendobj\n`);
  }

  add(body: string): number {
    const id = this.reserve();
    this.fill(id, body);
    return id;
  }

  addStream(entries: string, data: Uint8Array): number {
    const id = this.reserve();
    this.#offsets[id - 1] = this.#length;
    this.#write(`${id} 0 obj\n<<${entries}/Length ${data.length}>>\nstream\n`);
    this.#push(data);
    this.#write('\nendstream\nendobj\n');
    return id;
  }

  close(catalogue: number): Uint8Array {
    const start = this.#length;
    const count = this.#offsets.length + 1;
    const rows = this.#offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
    this.#write(`xref\n0 ${count}\n0000000000 65535 f \n${rows}`);
    this.#write(`trailer\n<</Size ${count}/Root ${catalogue} 0 R>>\nstartxref\n${start}\n%%EOF\n`);
    const file = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      file.set(part, at);
      at += part.length;
    }
    return file;
  }

  #write(text: string): void {
    this.#push(new TextEncoder().encode(text));
  }

  #push(part: Uint8Array): void {
    this.#parts.push(part);
    this.#length += part.length;
  }
}
