import assert from 'node:assert/strict';
import { killRecorder } from './recording.ts';

describe('a lesson whose recorder is killed again and again', function () {
  this.timeout(180_000);

  it('loses at most 2 s of voice each time and no stroke that was acknowledged, whatever else is killed, then and while its replay is made, and plays to its end', async () => {
    const { lostS, decodable, inkLost, databaseKills } = await killRecorder({ kills: 3, seed: 7 });
    assert.ok(Math.max(...lostS) <= 2, `lost: ${lostS.join(', ')} s`);
    assert.deepEqual([decodable, inkLost, databaseKills], [3, 0, 1]);
  });
});
