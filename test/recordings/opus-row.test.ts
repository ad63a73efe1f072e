import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OPUS_RATE, silence } from '../../recordings/opus.ts';
import { OpusRow } from '../../recordings/opus-row.ts';

const SPAN = 3 * OPUS_RATE;

describe('a row of segments', () => {
  let directory: string;
  const open = () =>
    new OpusRow({
      ...{ place: join(directory, 'renditions'), work: join(directory, 'work') },
      ...{ name: 'voice-live', span: SPAN },
    });

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tongke-row-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  async function filled(count: number): Promise<OpusRow> {
    const row = open();
    await row.resume();
    for (let index = 0; index < count; index++) await row.append([...silence(SPAN)]);
    await row.publish(false);
    return row;
  }

  it('tells those who have its playlist only what is new, and how much that leaves out', async () => {
    const row = await filled(20);
    const whole = row.playlist({ ended: false });
    const delta = row.playlist({ ended: false, skip: true });
    assert.equal(whole.match(/#EXTINF/g)?.length, 20);
    assert.match(whole, /CAN-SKIP-UNTIL=36/);
    assert.match(delta, /#EXT-X-SKIP:SKIPPED-SEGMENTS=8\n/);
    assert.equal(delta.match(/#EXTINF/g)?.length, 12);
    assert.ok(delta.indexOf('SKIP:SKIPPED') < delta.indexOf('#EXTINF'));
    const finished = row.playlist({ ended: true, skip: true });
    assert.doesNotMatch(finished, /SKIP/);
    assert.match(finished, /#EXT-X-ENDLIST\n$/);
  });

  it('goes on behind the last segment that is whole', async () => {
    const place = join(directory, 'renditions');
    await filled(5);
    await truncate(join(place, 'voice-live-00003.m4s'), 50);
    const row = open();
    await row.resume();
    assert.deepEqual([row.count, row.samples], [3, 3 * SPAN]);
    assert.ok(!(await readdir(place)).includes('voice-live-00004.m4s'), 'nothing behind a torn one is left');
    await row.append([...silence(SPAN)]);
    assert.equal(row.count, 4);
  });
});
