import { useContext, useMemo } from 'react';
import { type Board, type BoardPage, shownPages } from '../../../protocol/board.ts';
import type { SvgPage } from '../../board/export-svg.ts';
import { LessonFiles } from '../../board/lesson-files.ts';
import { fileUrl } from '../../board/page-file.ts';
import { useTell } from '../../ui/Toasts.tsx';

/** The page that is looked at, or all that there are. */
export type SavedPages = 'page' | 'board';

function pagesOf(board: Board, what: SavedPages): readonly BoardPage[] {
  return shownPages(board).filter(({ id }) => what === 'board' || id === board.current);
}

/** Writes the board to files of the person's own. The writers are loaded when first asked for. */
export function useSaving() {
  const tell = useTell();
  const lesson = useContext(LessonFiles);
  return useMemo(() => {
    const attempt = async (save: () => Promise<void>) => {
      try {
        await save();
      } catch (error) {
        tell.error(error);
      }
    };
    return {
      svg: (board: Board, what: SavedPages) =>
        attempt(async () => {
          const [{ toSvg }, { fetchPage }] = await Promise.all([
            import('../../board/export-svg.ts'),
            import('../../board/fetch-page.ts'),
          ]);
          const pages: SvgPage[] = [];
          for (const page of pagesOf(board, what)) {
            const beneath = page.file && (await dataUrl(await fetchPage(fileUrl(lesson, page.file))));
            pages.push({ page, beneath });
          }
          download(new Blob([toSvg(pages, board.veiled)], { type: 'image/svg+xml' }), 'board.svg');
        }),
      pdf: (board: Board, what: SavedPages) =>
        attempt(async () => {
          const [{ toPdf }, { browserPdfTools }] = await Promise.all([
            import('../../board/export-pdf.ts'),
            import('../../board/pdf-tools.ts'),
          ]);
          const file = await toPdf(pagesOf(board, what), browserPdfTools(lesson), board.veiled);
          download(new Blob([new Uint8Array(file)], { type: 'application/pdf' }), 'board.pdf');
        }),
    };
  }, [tell, lesson]);
}

async function dataUrl(response: Response): Promise<string> {
  const blob = await response.blob();
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}

/** How long a browser may take to begin with the file, ms. */
const BEGINS_WITHIN_MS = 60_000;

function download(file: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), BEGINS_WITHIN_MS);
}
