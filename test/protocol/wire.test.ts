import assert from 'node:assert/strict';
import fc from 'fast-check';
import { WireError } from '../../protocol/bytes.ts';
import { EntriesDecoder, EntriesEncoder } from '../../protocol/entries-line.ts';
import type { LogEntry } from '../../protocol/events.ts';
import { encodeInk } from '../../protocol/ink.ts';
import { OperationsDecoder, OperationsEncoder } from '../../protocol/operations-line.ts';
import { Decoder, Encoder } from '../../protocol/wire.ts';

const PEN = { tool: 'pen', colour: '#1f2933', width: 6, grid: 1 } as const;
const data = encodeInk([], [[400, 300, 0, 120]]);

const Id = fc.constantFrom('a', 's1f2-1', 's1f2-2', 's1f2-zz', 'other', 'constructor');
const Event: fc.Arbitrary<LogEntry['event']> = fc.oneof(
  fc.record({
    type: fc.constant('ink.drawn' as const),
    stroke: Id,
    data: fc.constantFrom(data, '', 'AAAA', 'A', 'AB'),
  }),
  fc.record({
    type: fc.constant('ink.drawn' as const),
    stroke: Id,
    page: fc.constantFrom('page1', 'page2'),
    brush: fc.constantFrom(PEN, { ...PEN, width: 9 }),
    data: fc.constantFrom(data, ''),
    done: fc.constant(true as const),
  }),
  fc.record({ type: fc.constant('laser.moved' as const), page: Id, data: fc.constant(data) }),
  fc.record({ type: fc.constant('chat.said' as const), text: fc.string({ minLength: 1, maxLength: 20 }) }),
);

/** Logs of several writers, one after another, in batches as a lesson journals them. */
const Log = fc
  .array(
    fc.record({ event: Event, client: fc.constantFrom('c1', 'c2'), wait: fc.nat(400), server: fc.boolean() }),
    { maxLength: 150 },
  )
  .map((items) => {
    let t = 0;
    return items.map(({ event, client, wait, server }, i): LogEntry => {
      t += wait;
      const logged = event.type === 'laser.moved' ? {} : { op: { client, n: i + 1 } };
      return { seq: i + 1, t, ...(server ? {} : { actor: `person-${client}`, ...logged }), event };
    });
  });

function batches(entries: readonly LogEntry[], size: number): LogEntry[][] {
  return Array.from({ length: Math.ceil(entries.length / size) }, (_, i) =>
    entries.slice(i * size, (i + 1) * size),
  );
}

/** A stroke of a lesson as it is told while it is drawn. */
function drawing(): LogEntry[] {
  const op = (n: number) => ({ client: 'c0123456789abcdef01', n });
  const common = { actor: 'u65f1a2b3c4d5' };
  return [
    {
      ...{ seq: 1001, t: 90_000, ...common, op: op(1) },
      event: { type: 'ink.drawn', stroke: 's7h2k9x-0', page: 'page1', brush: PEN, data },
    },
    { seq: 1002, t: 90_150, ...common, op: op(2), event: { type: 'ink.drawn', stroke: 's7h2k9x-0', data } },
  ];
}

describe('entries on the wire', () => {
  it('come out as they went in, in whatever batches', () => {
    fc.assert(
      fc.property(Log, fc.integer({ min: 1, max: 9 }), (log, size) => {
        const encoder = new EntriesEncoder();
        const decoder = new EntriesDecoder();
        const told = batches(log, size).flatMap((batch) => decoder.decode(encoder.encode(batch)));
        assert.equal(JSON.stringify(told), JSON.stringify(log));
      }),
    );
  });

  it('spend at most eight bytes besides the ink on a batch that goes on with a stroke', () => {
    const encoder = new EntriesEncoder();
    const [first, second] = drawing();
    assert.ok(first && second);
    encoder.encode([first]);
    const ink = (data.length * 3) / 4;
    assert.ok(encoder.encode([second]).length <= ink + 8);
  });

  it('a reader that lacks what is referred to says so and guesses nothing', () => {
    const encoder = new EntriesEncoder();
    const [first, second] = drawing();
    assert.ok(first && second);
    encoder.encode([first]);
    assert.throws(() => new EntriesDecoder().decode(encoder.encode([second])), WireError);
  });

  it('any bytes give entries or a WireError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const decoder = new EntriesDecoder();
        decoder.decode(new EntriesEncoder().encode(drawing()));
        onlyWireErrors(() => decoder.decode(bytes));
      }),
      { numRuns: 500 },
    );
  });
});

describe('operations on the wire', () => {
  it('come out as they went in', () => {
    fc.assert(
      fc.property(Log, (log) => {
        const encoder = new OperationsEncoder();
        const decoder = new OperationsDecoder();
        for (const { event, op } of log) {
          if (event.type !== 'ink.drawn' || !op) continue;
          const { type: _type, ...input } = event;
          const told = decoder.decode(encoder.encode('ink.draw', input, op));
          assert.deepEqual(JSON.parse(JSON.stringify(told)), { name: 'ink.draw', input, op });
        }
      }),
    );
  });

  it('any bytes give an operation or a WireError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const decoder = new OperationsDecoder();
        const [first] = drawing();
        assert.ok(first?.op && first.event.type === 'ink.drawn');
        const { type: _type, ...input } = first.event;
        decoder.decode(new OperationsEncoder().encode('ink.draw', input, first.op));
        onlyWireErrors(() => decoder.decode(bytes));
      }),
      { numRuns: 500 },
    );
  });
});

describe("socket.io's packets on the wire", () => {
  const read = (message: unknown): unknown => {
    let packet: unknown;
    const decoder = new Decoder();
    decoder.on('decoded', (one) => {
      packet = one;
    });
    decoder.add(message);
    return packet;
  };

  it('come out as they went in', () => {
    const packets = [
      { type: 0, nsp: '/', data: { version: 1 } },
      { type: 0, nsp: '/' },
      { type: 1, nsp: '/' },
      { type: 2, nsp: '/', id: 12, data: ['request', { name: 'hand.raise', input: {} }] },
      { type: 2, nsp: '/', data: ['notice', { type: 'shutting_down' }] },
      { type: 3, nsp: '/', id: 12, data: [{ ok: true, data: {} }] },
      { type: 4, nsp: '/', data: { message: 'no', data: { code: 'not_signed_in' } } },
    ];
    for (const packet of packets) assert.deepEqual(read(new Encoder().encode(packet)[0]), packet);
    const [message] = new Encoder().encode({ type: 2, nsp: '/', data: ['entries', new Uint8Array([7, 8])] });
    assert.equal(message.length, 3);
    assert.deepEqual(read(message), { type: 2, nsp: '/', data: ['entries', Buffer.from([7, 8])] });
  });

  it('refuses what means something to socket.io itself, other namespaces, and anything else', () => {
    const hostile = [
      '2["disconnect"]',
      '2["newListener",1]',
      '2/admin,["request"]',
      '51-["x"]',
      '0[1]',
      '3{}',
      '2',
    ];
    for (const text of ['', '9', '2[', ...hostile, `2${'9'.repeat(40)}["request",1]`]) {
      assert.throws(() => read(text), WireError, text);
    }
    for (const bytes of [Buffer.alloc(0), Buffer.from([0]), Buffer.from([3, 1]), 5, null]) {
      assert.throws(() => read(bytes), WireError);
    }
    fc.assert(fc.property(fc.string(), (text) => onlyWireErrors(() => read(text))));
  });
});

function onlyWireErrors(run: () => unknown): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
  }
}
