import type { PageFile } from '../../protocol/board-events.ts';

/** Programs that read what people bring. Null: not on this machine. */
export interface CoursewareTools {
  readonly ffmpeg: string;
  /** Poppler's; `pdfinfo` lies beside it. */
  readonly pdftocairo: string | null;
  /** LibreOffice's. */
  readonly soffice: string | null;
}

/** What making pages of one file needs. */
export interface Making {
  readonly tools: CoursewareTools;
  /** An empty folder that is removed afterwards, with whatever was written into it. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** A page as it is kept. */
export interface MadePage extends Pick<PageFile, 'form' | 'width' | 'height'> {
  readonly data: Buffer;
  /** What is written on it, where its file says that. */
  readonly words?: string;
}

/** Pages of a file, made one by one. */
export interface MadePages {
  readonly count: number;
  readonly pages: AsyncIterable<MadePage>;
}
