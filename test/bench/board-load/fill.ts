import { encodeInk, type InkPoint } from '../../../protocol/ink.ts';
import { DEMO_PASSWORD } from '../../../server/demo/demo.ts';
import { signIn, TestClient } from '../../support/client.ts';
import { DEMO } from '../../support/server.ts';
import { loadTrace } from '../ink/trace.ts';
import type { BenchServer } from '../support/server.ts';

export const PAGES = 200;
export const STROKES = 20_000;
const A_PAGE = STROKES / PAGES;
/** What one line may send at once, with some to spare: see server/connection/connection.ts. */
const A_LINE = 550;

const BRUSH = { tool: 'pen', colour: '#1f2933', width: 6, grid: 1 } as const;

/** A started lesson as it is after two hours of writing: PAGES pages, STROKES strokes of handwriting, in the middle of them. */
export async function fillLesson(server: BenchServer): Promise<void> {
  const cookie = await signIn(server.url, DEMO.teacher, DEMO_PASSWORD);
  const lead = await TestClient.connect(server.url, cookie);
  await lead.join(server.lesson);
  await lead.request('lesson.start', {});
  for (let page = 2; page <= PAGES; page++)
    await lead.perform('page.add', { page: { id: pageId(page), kind: 'grid' } });
  await lead.perform('page.turn', { page: pageId(PAGES / 2) });
  const strokes = loadTrace(undefined);
  for (let begun = 0; begun < STROKES; begun += A_LINE) {
    const line = await TestClient.connect(server.url, cookie);
    line.state = lead.state;
    await line.join(server.lesson, lead.state.seq);
    const count = Math.min(A_LINE, STROKES - begun);
    const drawn = Array.from({ length: count }, (_, i) => {
      const n = begun + i;
      const { points } = strokes[n % strokes.length] ?? { points: [] };
      const data = encodeInk([], points.map(moved(n)));
      return line.perform('ink.draw', {
        stroke: `b${n}`,
        page: pageId(Math.floor(n / A_PAGE) + 1),
        brush: BRUSH,
        data,
        done: true,
      });
    });
    await Promise.all(drawn);
    line.close();
  }
  lead.close();
}

const pageId = (n: number) => `page${n}`;

/** Lines of a page do not lie all on each other. */
function moved(n: number): (point: InkPoint) => InkPoint {
  const [dx, dy] = [((n * 37) % 11) * 60, ((n * 53) % 7) * 40];
  return ([x, y, t, pressure]) => [x + dx, y + dy, t, pressure];
}
