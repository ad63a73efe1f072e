import assert from 'node:assert/strict';
import { Own } from '../../client/replay/own/own.ts';
import { Watched } from '../../client/replay/watched.ts';
import { type ErrorCode, TongkeError } from '../../protocol/errors.ts';
import type { Watching } from '../../protocol/watching.ts';

const NOTHING: Watching = { position: null, watched: [], notes: [], questions: [] };

/** A server that does as it is told, and a device that keeps what is written. */
function setUp() {
  const server = { answer: NOTHING, fails: null as ErrorCode | 'link' | null, ran: [] as string[], ago: -1 };
  const device = { text: null as string | null };
  const fail = () => {
    if (server.fails === 'link') throw Object.assign(new Error('no link'), { name: 'NetworkError' });
    if (server.fails) throw new TongkeError(server.fails);
  };
  const open = () =>
    new Own({
      me: { id: 'student1', name: { 'zh-CN': '达瓦' } },
      storage: {
        read: () => device.text,
        write: (text) => {
          device.text = text;
        },
      },
      calls: {
        async show() {
          fail();
          return server.answer;
        },
        async report({ t, ago, watched }) {
          fail();
          server.ago = ago;
          server.ran.push(`at ${t} ${JSON.stringify(watched)}`);
        },
        async run(operation) {
          fail();
          server.ran.push(`${operation.kind} ${operation.id}`);
        },
      },
    });
  return { server, device, open };
}

describe('what one has watched', () => {
  it('is what was played, without leaps', () => {
    const watched = new Watched();
    for (const t of [1000, 1500, 2000]) watched.look(t, true);
    watched.look(60_000, true);
    watched.look(61_000, true);
    watched.look(61_500, false);
    watched.look(90_000, false);
    assert.deepEqual(watched.take(), [
      [1000, 2000],
      [60_000, 61_500],
    ]);
    assert.deepEqual(watched.take(), []);
  });

  it('goes on where it was taken', () => {
    const watched = new Watched();
    for (const t of [0, 1000]) watched.look(t, true);
    assert.deepEqual(watched.take(), [[0, 1000]]);
    watched.look(2000, true);
    assert.deepEqual(watched.take(), [[1000, 2000]]);
  });
});

describe('one’s own', () => {
  it('is on the device before anything else, and is sent in order when there is a link', async () => {
    const { server, open } = setUp();
    server.fails = 'link';
    const own = open();
    own.note('n1', 5000, 'first');
    own.note('n1', 5000, 'changed');
    own.ask('q1', 6000, 'why?');
    own.place(7000, [[0, 7000]]);
    await own.send();
    assert.deepEqual(server.ran, []);
    const again = open();
    assert.deepEqual(
      again.view().notes.map(({ text }) => text),
      ['changed'],
    );
    assert.deepEqual([again.view().position, again.view().unsent.size], [7000, 2]);
    server.fails = null;
    await again.send();
    assert.deepEqual(server.ran, ['at 7000 [[0,7000]]', 'note n1', 'ask q1']);
    assert.equal(again.view().unsent.size, 0);
    assert.deepEqual(again.view().watched, [[0, 7000]]);
  });

  it('goes by the server where nothing waits here, and by this device where something does', async () => {
    const { server, open } = setUp();
    server.answer = { ...NOTHING, position: { t: 30_000, at: 1 } };
    const own = open();
    await own.load();
    assert.equal(own.view().position, 30_000);
    server.fails = 'link';
    own.place(40_000, []);
    await own.load();
    assert.equal(own.view().position, 40_000);
  });

  it('tells with a place how long ago one was there', async () => {
    const { server, device, open } = setUp();
    server.fails = 'link';
    open().place(25_000, [[0, 25_000]]);
    const hour = 3_600_000;
    device.text = (device.text ?? '').replace(/"at":(\d+)/, (_, at) => `"at":${Number(at) - hour}`);
    server.fails = null;
    server.answer = { ...NOTHING, position: { t: 95_000, at: 1 } };
    const again = open();
    assert.equal(again.view().position, 25_000);
    await again.load();
    assert.ok(server.ago >= hour && server.ago < hour + 60_000, `${server.ago} ms ago`);
    assert.equal(again.view().position, 95_000, 'where one was later, on another device');
  });

  it('loses nothing but what cannot be read', async () => {
    const { server, device, open } = setUp();
    server.fails = 'link';
    const own = open();
    own.note('n1', 1000, 'first');
    own.ask('q1', 2000, 'x'.repeat(600));
    own.note('n2', 3000, 'second');
    device.text = (device.text ?? '').replace('"kind":"note","id":"n2"', '"kind":"song","id":"n2"');
    const again = open();
    assert.deepEqual(
      [...again.view().notes, ...again.view().questions].map(({ id }) => id),
      ['n1', 'q1'],
    );
    device.text = (device.text ?? '').replace('"last":{', '"last":{"watched":1,');
    assert.deepEqual([...open().view().unsent], ['n1', 'q1']);
  });

  it('is one in all tabs of a device: what one of them writes takes nothing from another', async () => {
    const { server, open } = setUp();
    const [here, there] = [open(), open()];
    server.fails = 'link';
    here.note('n1', 1000, 'written here');
    there.note('n2', 2000, 'written there');
    here.place(3000, [[0, 3000]]);
    await Promise.all([here.send(), there.send()]);
    const texts = (own: Own) => own.view().notes.map(({ text }) => text);
    const both = ['written here', 'written there'];
    assert.deepEqual([texts(here), texts(open())], [both, both]);
    there.look();
    assert.deepEqual([texts(there), there.view().position], [both, 3000]);
    server.fails = null;
    await there.send();
    assert.deepEqual(server.ran, ['at 3000 [[0,3000]]', 'note n1', 'note n2']);
    here.look();
    await here.send();
    assert.deepEqual([server.ran.length, here.view().unsent.size, texts(here)], [3, 0, both]);
  });

  it('keeps what the server would not take, with the reason, and sends the rest', async () => {
    const { server, open } = setUp();
    const own = open();
    server.fails = 'too_large';
    own.note('n1', 1000, 'one too many');
    await own.send();
    await own.send();
    server.fails = null;
    own.note('n2', 2000, 'fits');
    await own.send();
    await own.send();
    assert.deepEqual(server.ran, ['note n2']);
    assert.equal(own.view().refused.get('n1'), 'too_large');
    assert.deepEqual(
      own.view().notes.map(({ text }) => text),
      ['one too many', 'fits'],
    );
  });
});
