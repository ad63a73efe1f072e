import assert from 'node:assert/strict';
import { killRecorder } from './recording.ts';

describe('a lesson whose recorder is killed again and again', function () {
  this.timeout(180_000);

  it('loses at most 2 s each time, and plays to its end', async () => {
    const { lostS, decodable } = await killRecorder({ kills: 3, seed: 7 });
    assert.ok(Math.max(...lostS) <= 2, `lost: ${lostS.join(', ')} s`);
    assert.equal(decodable, 3);
  });
});
