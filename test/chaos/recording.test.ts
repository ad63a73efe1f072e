import assert from 'node:assert/strict';
import { fillDisk, killRecorder } from './recording.ts';

describe('a lesson whose recorder is killed again and again', function () {
  this.timeout(180_000);

  it('loses at most 2 s of voice each time and no stroke that was acknowledged, whatever else is killed, then and while its replay is made, and plays to its end', async () => {
    const { lostS, decodable, inkLost, databaseKills } = await killRecorder({ kills: 3, seed: 7 });
    assert.ok(Math.max(...lostS) <= 2, `lost: ${lostS.join(', ')} s`);
    assert.deepEqual([decodable, inkLost, databaseKills], [3, 0, 1]);
  });

  it('goes on where its disk is full, says so, is recorded again when there is room, and plays what is called ready', async function () {
    const found = await fillDisk();
    if (!found) return this.skip(); // where nobody may mount a small disk
    const { warned, strokes, ...rest } = found;
    assert.match(warned.join(), /the disk is full, and lessons are not recorded/);
    assert.ok(strokes > 40, `${strokes} strokes`);
    assert.deepEqual(rest, { isBack: true, isGood: true, isGapMarked: true, inkLost: 0 });
  });
});
