import assert from 'node:assert/strict';
import { fuzzBoard } from './board.ts';

describe('the board under trouble', () => {
  it('loses nothing, doubles nothing and is the same everywhere: invariants 1 to 6, 25 seeds', async function () {
    this.timeout(60_000);
    const total = { operations: 0, kills: 0, cuts: 0 };
    for (let seed = 1; seed <= 25; seed++) {
      const { operations, kills, cuts } = await fuzzBoard(seed);
      total.operations += operations;
      total.kills += kills;
      total.cuts += cuts;
    }
    assert.ok(total.operations > 1_000 && total.kills > 25 && total.cuts > 150, JSON.stringify(total));
  });

  it('does the same again for the same seed', async () => {
    assert.deepEqual(await fuzzBoard(7), await fuzzBoard(7));
  });
});
