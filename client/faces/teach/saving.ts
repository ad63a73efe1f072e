import { useMemo } from 'react';
import { type Board, pageOf, shownPages } from '../../../protocol/board.ts';
import { useTell } from '../../ui/Toasts.tsx';

/** Writes the board to files of the person's own. The writers are loaded when first asked for. */
export function useSaving() {
  const tell = useTell();
  return useMemo(() => {
    const attempt = async (save: () => Promise<void>) => {
      try {
        await save();
      } catch (error) {
        tell.error(error);
      }
    };
    return {
      svg: (board: Board) =>
        attempt(async () => {
          const page = pageOf(board, board.current);
          const { toSvg } = await import('../../board/export-svg.ts');
          if (page) download(new Blob([toSvg(page, board.veiled)], { type: 'image/svg+xml' }), 'board.svg');
        }),
      pdf: (board: Board) =>
        attempt(async () => {
          const [{ toPdf }, { browserPdfTools }] = await Promise.all([
            import('../../board/export-pdf.ts'),
            import('../../board/pdf-tools.ts'),
          ]);
          const file = await toPdf(shownPages(board), browserPdfTools, board.veiled);
          download(new Blob([new Uint8Array(file)], { type: 'application/pdf' }), 'board.pdf');
        }),
    };
  }, [tell]);
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
