import assert from 'node:assert/strict';
import { OperationOrder } from '../../server/connection/operation-order.ts';

const op = (n: number) => ({ client: 'c1', n });

describe('order of operations', () => {
  it('lets nothing pass any operation that was refused for the moment, until that one has come again (invariant 5)', () => {
    const order = new OperationOrder();
    order.refused(op(1), 'too_many_requests');
    assert.throws(() => order.check(op(2)), { code: 'too_many_requests' });
    order.refused(op(2), 'too_many_requests');
    order.check(op(1));
    order.settled(op(1));
    assert.throws(() => order.check(op(3)), { code: 'too_many_requests' }); // 2 has not come again
    order.check(op(2));
    order.settled(op(2));
    order.check(op(3));
  });

  it('waits for nothing that was refused for good, nor for a copy of what was taken', () => {
    const order = new OperationOrder();
    order.refused(op(1), 'forbidden');
    order.check(op(2));
    order.settled(op(2));
    order.refused(op(2), 'too_many_requests');
    order.check(op(3));
    order.check({ client: 'c2', n: 1 });
    order.refused(op(4), 'too_many_requests');
    assert.throws(() => order.check(op(5), 3));
    order.check(op(5), 4); // taken meanwhile, from a connection of before
  });
});
