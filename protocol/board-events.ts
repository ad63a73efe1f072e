import { z } from 'zod';
import { Id } from './common.ts';

/** Everything that happens to the board, as its log holds it. Lengths are board units: a page is 1920 by 1080. */

export const PAGE_WIDTH = 1920;
export const PAGE_HEIGHT = 1080;

/** What a blank page is ruled with. */
export const PaperKind = z.enum([
  'blank',
  'grid',
  'tianzige', // 田字格: squares with a cross, for one character each
  'pinyin', // four lines over a row of squares
  'english', // four lines, the third one to write on
  'staff', // five lines
  'tibetan', // a head line that letters hang from, and lines for what goes above and below
]);
export type PaperKind = z.infer<typeof PaperKind>;

/** `courseware`: a page that was brought along, with a file that is drawn beneath the ink. */
export const PageKind = z.enum([...PaperKind.options, 'courseware']);
export type PageKind = z.infer<typeof PageKind>;

/** Lower-case hex. */
export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** What is drawn beneath the ink: named by its content, never by a place, since a log outlives all places. */
export const PageFile = z.object({
  sha256: Sha256,
  form: z.enum(['svg', 'webp']),
  bytes: z.number().int().min(1),
  /** Its proportions: pixels of a picture, units of a drawing. It fills the page as far as they let it. */
  width: z.number().positive(),
  height: z.number().positive(),
});
export type PageFile = z.infer<typeof PageFile>;

export const Page = z.object({ id: Id, kind: PaperKind });
export type Page = z.infer<typeof Page>;

export const Colour = z.string().regex(/^#[0-9a-f]{6}$/);

export const Brush = z.object({
  tool: z.enum(['pen', 'highlighter']),
  colour: Colour,
  /** Board units at full pressure; the page is 1920 wide. */
  width: z.number().min(1).max(96),
  /** Grid steps per board unit: 1, or more when writing zoomed in. */
  grid: z.union([z.literal(1), z.literal(2), z.literal(4), z.literal(8)]).default(1),
});
export type Brush = z.infer<typeof Brush>;

/** Coded points, base64url: see `ink.ts`. A batch holds at most 4,096 points. */
export const InkData = z
  .string()
  .max(16_384)
  .regex(/^[A-Za-z0-9_-]*$/);

/** Things may lie beside the page, not in another world. */
const Coordinate = z.number().min(-20_000).max(20_000);
export const Place = z.tuple([Coordinate, Coordinate]);
export type Place = z.infer<typeof Place>;

export const ShapeKind = z.enum([
  ...['line', 'arrow', 'rectangle', 'ellipse', 'triangle'],
  'polygon', // closed
  'polyline', // open
] as const);
export type ShapeKind = z.infer<typeof ShapeKind>;

export const ShapeContent = z.object({
  kind: z.literal('shape'),
  shape: ShapeKind,
  /** Ends of a line; opposite corners of what fills a rectangle; the corners of a polygon or polyline. */
  points: z.array(Place).min(2).max(64),
  colour: Colour,
  width: z.number().min(1).max(96),
});
export type ShapeContent = z.infer<typeof ShapeContent>;

export const TextContent = z.object({
  kind: z.literal('text'),
  /** Left end of the top of the first line. */
  at: Place,
  width: z.number().min(20).max(4_000),
  size: z.number().min(8).max(480),
  colour: Colour,
  text: z.string().min(1).max(4_000),
  /**
   * Where lines end besides at line feeds, UTF-16 indices, ascending. The writer's screen decides: fonts differ from
   * screen to screen, and lines must not.
   */
  breaks: z.array(z.number().int().min(1).max(4_000)).max(500),
});
export type TextContent = z.infer<typeof TextContent>;

/** From less to more. */
const Span = z
  .tuple([z.number().min(-1e6).max(1e6), z.number().min(-1e6).max(1e6)])
  .refine(([from, to]) => to - from >= 1e-3, 'from less to more');

/** Axes, and functions of x drawn over them. Screens compute the curves: a formula is shorter than any of them. */
export const GraphContent = z.object({
  kind: z.literal('graph'),
  /** Left end of the top. */
  at: Place,
  width: z.number().min(200).max(4_000),
  height: z.number().min(200).max(4_000),
  x: Span,
  y: Span,
  functions: z.array(z.object({ text: z.string().min(1).max(80), colour: Colour })).max(6),
  colour: Colour,
});
export type GraphContent = z.infer<typeof GraphContent>;

export const NumberLineContent = z
  .object({
    kind: z.literal('numberline'),
    /** Its left end. */
    at: Place,
    width: z.number().min(200).max(4_000),
    from: z.number().int().min(-1_000_000).max(1_000_000),
    to: z.number().int().min(-1_000_000).max(1_000_000),
    /** Of each unit. */
    parts: z.number().int().min(1).max(10),
    colour: Colour,
  })
  .refine(
    ({ from, to, parts }) => to > from && (to - from) * parts <= 200,
    'from less to more, 200 marks at most',
  );
export type NumberLineContent = z.infer<typeof NumberLineContent>;

/** What an item of the board is, besides ink. */
export const Content = z.discriminatedUnion('kind', [
  ShapeContent,
  TextContent,
  GraphContent,
  NumberLineContent,
]);
export type Content = z.infer<typeof Content>;

/** Canvas order: x' = a x + c y + e, y' = b x + d y + f. */
const Factor = z.number().min(-1_000).max(1_000);
export const Matrix = z.tuple([Factor, Factor, Factor, Factor, Coordinate, Coordinate]);
export type Matrix = z.infer<typeof Matrix>;

/** Part of a stroke, from and to which of its points, in sixteenths of the way from one to the next. */
export const CUT_STEP = 16;
export const Range = z.tuple([
  z.number().int().min(0).max(10_000_000),
  z.number().int().min(0).max(10_000_000),
]);
export type Range = z.infer<typeof Range>;

/** What of a page is looked at: its middle, and how much larger than the whole page. */
export const View = z.object({
  x: z.number().min(0).max(PAGE_WIDTH),
  y: z.number().min(0).max(PAGE_HEIGHT),
  scale: z.number().min(1).max(8),
});
export type View = z.infer<typeof View>;

/** A page that was made before, in the courseware or on another lesson's board, with the marks that are on it. */
export const LaidPage = z.object({
  id: Id.max(48), // its marks are named after it
  kind: PageKind,
  file: PageFile.optional(),
  /** In drawing order. */
  marks: z
    .array(
      z.union([
        z.object({
          brush: Brush,
          chunks: z.array(InkData),
          cuts: z.array(Range).optional(),
          matrix: Matrix.optional(),
        }),
        z.object({ content: Content, matrix: Matrix.optional() }),
      ]),
    )
    .optional(),
});
export type LaidPage = z.infer<typeof LaidPage>;

/** Strokes and items alike, by id. */
export const MarkIds = z.array(Id).min(1).max(1000);

/** What requests and events of the same meaning share; an event adds its `type`. */
export const boardInputs = {
  pageAdded: z.object({ page: Page, after: Id.optional() }),
  pageTurned: z.object({ page: Id }),
  /** `copy` is the new page's id; it comes after the page it was made of. */
  pageCopied: z.object({ page: Id, copy: Id.max(48) }), // its marks are named after it
  /** `after` null: to the front. */
  pageMoved: z.object({ page: Id, after: Id.nullable() }),
  pageRemoved: z.object({ page: Id }),
  viewMoved: z.object({ page: Id, view: View }),
  /** The first batch of a stroke carries `page` and `brush`; the batch that lifts the pen carries `done`. */
  inkDrawn: z.object({
    stroke: Id,
    page: Id.optional(),
    brush: Brush.optional(),
    data: InkData,
    done: z.literal(true).optional(),
  }),
  /** Whole marks: strokes, and items too. */
  inkErased: z.object({ page: Id, strokes: MarkIds }),
  /** Parts of strokes. Batches of one gesture share `cut`: they are undone together. */
  inkCut: z.object({
    page: Id,
    cut: Id,
    strokes: z
      .array(z.object({ stroke: Id, ranges: z.array(Range).min(1).max(64) }))
      .min(1)
      .max(200),
  }),
  /** Everything that one person wrote on a page. */
  inkCleared: z.object({ page: Id, by: Id }),
  /** Hides or shows all that one person wrote, everywhere, without erasing it. */
  inkVeiled: z.object({ by: Id, veiled: z.boolean() }),
  inkTravelled: z.object({ page: Id }),
  itemAdded: z.object({ page: Id, item: Id, content: Content }),
  itemChanged: z.object({ page: Id, item: Id, content: Content }),
  marksMoved: z.object({ page: Id, marks: MarkIds, matrix: Matrix }),
  marksCopied: z.object({
    page: Id,
    copies: z
      .array(z.object({ of: Id, id: Id }))
      .min(1)
      .max(1000),
    matrix: Matrix,
  }),
  marksOrdered: z.object({ page: Id, marks: MarkIds, to: z.enum(['front', 'back']) }),
} as const;

function event<const T extends string, S extends z.ZodRawShape>(type: T, input: z.ZodObject<S>) {
  return z.object({ type: z.literal(type), ...input.shape });
}

export const boardEvents = [
  event('page.added', boardInputs.pageAdded),
  /** Pages are there from now on, one after another behind `after` or at the end; nobody's page is turned. */
  event('page.laid', z.object({ pages: z.array(LaidPage).min(1).max(400), after: Id.optional() })),
  event('page.turned', boardInputs.pageTurned),
  event('page.copied', boardInputs.pageCopied),
  event('page.moved', boardInputs.pageMoved),
  event('page.removed', boardInputs.pageRemoved),
  event('page.viewed', boardInputs.viewMoved),
  event('ink.drawn', boardInputs.inkDrawn),
  event('ink.erased', boardInputs.inkErased),
  event('ink.cut', boardInputs.inkCut),
  event('ink.cleared', boardInputs.inkCleared),
  event('ink.veiled', boardInputs.inkVeiled),
  /** Takes back, or does again, the actor's own last action on that page, or brings the page back. */
  event('ink.undone', boardInputs.inkTravelled),
  event('ink.redone', boardInputs.inkTravelled),
  event('item.added', boardInputs.itemAdded),
  event('item.changed', boardInputs.itemChanged),
  event('marks.moved', boardInputs.marksMoved),
  event('marks.copied', boardInputs.marksCopied),
  event('marks.ordered', boardInputs.marksOrdered),
] as const;

export const BoardEvent = z.discriminatedUnion('type', boardEvents);
export type BoardEvent = z.infer<typeof BoardEvent>;

/** By its name alone: what folds a log needs no schemas. */
export function isBoardEvent(event: { readonly type: string }): event is BoardEvent {
  return /^(page|ink|item|marks)\./.test(event.type);
}
