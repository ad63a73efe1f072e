import assert from 'node:assert/strict';
import { ROUTES } from '../../client/api.ts';
import { routes } from '../../protocol/api.ts';

describe("the pages' table of routes", () => {
  it('says what the protocol says', () => {
    const declared = Object.entries(routes).map(([name, { method, path }]) => [name, [method, path]]);
    assert.deepEqual(Object.entries(ROUTES), declared);
  });
});
