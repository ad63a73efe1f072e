import type { Replay } from '../../../protocol/replay.ts';
import { call } from '../../api.ts';
import { cuesOf, type Keeper, MANIFEST } from './keeper.ts';

/**
 * What the server says of a lesson that is kept goes for what is kept of it: captions that were taken back are gone with this, those
 * that are new come when they come, and are asked for again with the next answer.
 */
export async function renew(keeper: Keeper, replay: Replay): Promise<void> {
  const { lesson, captions = [] } = replay;
  const kept = await keeper.manifest(lesson);
  if (!kept) return;
  const cache = await keeper.shelf.open(lesson);
  const wanted = new Set(captions.map(({ id }) => cuesOf(id)));
  for (const { id } of kept.captions ?? []) if (!wanted.has(cuesOf(id))) await cache.delete(cuesOf(id));
  // What is here was made of the renditions that there were.
  const { renditions, state } = kept;
  await cache.put(MANIFEST, new Response(JSON.stringify({ ...replay, renditions, state })));
  const fetchNew = async () => {
    for (const { id } of captions) {
      if (await cache.match(cuesOf(id))) continue;
      const cues = await call('captions.show', { params: { lesson, track: id } });
      // It may have been removed meanwhile: nothing is left of it that nobody would find.
      if (await keeper.shelf.record(lesson)) await cache.put(cuesOf(id), new Response(JSON.stringify(cues)));
    }
  };
  fetchNew().catch(() => {}); // without a link, or room: next time
}
