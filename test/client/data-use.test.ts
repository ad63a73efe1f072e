import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { DataUse } from '../../client/data-use/data-use.ts';
import { isMetered, isOver, sparingFor, systemSaves } from '../../client/data-use/metering.ts';
import { countPackets, TrafficMeter } from '../../client/lesson/traffic.ts';

describe('what a device has moved over its link', () => {
  let kept: string | null;
  let now: Date;
  const tab = () =>
    new DataUse({
      read: () => kept,
      write: (text) => {
        kept = text;
      },
      now: () => now,
    });
  const moved = (received: number, sent = 0) => ({ received, sent });

  beforeEach(() => {
    kept = null;
    now = new Date(2026, 1, 28, 12);
  });

  it('is counted by lesson, day and month, and kept', () => {
    const use = tab();
    use.add(moved(1_000, 10), 'l1');
    use.add(moved(500));
    use.flush();
    now = new Date(2026, 2, 1, 0, 1);
    use.add(moved(200, 5), 'l1');
    use.flush();
    assert.deepEqual([use.today(), use.month()], [moved(200, 5), moved(200, 5)]);
    now = new Date(2026, 1, 28, 13);
    const later = tab();
    assert.deepEqual([later.today(), later.month()], [moved(1_500, 10), moved(1_500, 10)]);
    assert.deepEqual(later.ofLesson('l1'), moved(1_200, 15));
  });

  it('is one count for several tabs', () => {
    const [one, other] = [tab(), tab()];
    one.add(moved(100), 'l1');
    other.add(moved(30), 'l2');
    one.flush();
    other.flush();
    assert.deepEqual([one.today(), other.today()], [moved(130), moved(130)]);
  });

  it('tells who shows it, and stays small', () => {
    const use = tab();
    let told = 0;
    use.subscribe(() => {
      told += 1;
    });
    for (let day = 0; day < 400; day++) {
      now = new Date(2026, 0, 1 + day);
      use.add(moved(1), `l${day}`);
      use.flush();
    }
    assert.equal(told, 400);
    assert.ok((kept?.length ?? 0) < 5_000, `${kept?.length} characters`);
    assert.deepEqual([use.ofLesson('l399'), use.ofLesson('l1')], [moved(1), moved(0)]);
    assert.ok(use.month().received > 1);
  });

  it('begins anew where what is kept cannot be read', () => {
    kept = '{"days":{"2026-02-28":{"received":-1}}}';
    assert.deepEqual(tab().today(), moved(0));
    kept = 'no JSON';
    const use = tab();
    use.add(moved(7));
    use.flush();
    assert.deepEqual(use.today(), moved(7));
  });
});

describe('a link that is paid for by the megabyte', () => {
  const today = { received: 40_000_000, sent: 10_000_000 };

  it('is one where the browser says so, unless somebody says otherwise', () => {
    const saving = { connection: { saveData: true } };
    assert.deepEqual([systemSaves(saving), systemSaves({}), systemSaves(undefined)], [true, false, false]);
    assert.ok(isMetered({ metered: null, limitMb: null }, true));
    assert.ok(!isMetered({ metered: false, limitMb: null }, true));
    assert.ok(isMetered({ metered: true, limitMb: null }, false));
  });

  it('has a limit a day only where one was set', () => {
    assert.ok(isOver({ metered: true, limitMb: 50 }, today));
    assert.ok(!isOver({ metered: true, limitMb: 51 }, today));
    assert.ok(!isOver({ metered: true, limitMb: null }, today));
    assert.ok(!isOver({ metered: false, limitMb: 1 }, today));
  });

  it('saves, and at its limit takes off pictures; never more than was chosen, and never the voice or the ink', () => {
    assert.equal(sparingFor('all', false, false), null);
    assert.equal(sparingFor('all', true, false), 'save');
    assert.equal(sparingFor('save', true, false), null);
    assert.equal(sparingFor('save', true, true), 'no_picture');
    assert.equal(sparingFor('no_picture', true, true), null);
    assert.equal(sparingFor('voice_only', true, true), null);
  });
});

describe('the bytes of a lesson', () => {
  it('are those of a transport since it was last looked at, of each from its beginning', () => {
    const meter = new TrafficMeter();
    const [first, second] = [{}, {}];
    const stats = (bytesReceived: number, bytesSent: number) => [
      { type: 'transport', bytesReceived, bytesSent },
      { type: 'inbound-rtp', bytesReceived: 1 },
    ];
    assert.deepEqual(meter.read(first, stats(100, 20)), { received: 100, sent: 20 });
    assert.deepEqual(meter.read(first, stats(150, 20)), { received: 50, sent: 0 });
    assert.deepEqual(meter.read(second, stats(10, 1)), { received: 10, sent: 1 });
    assert.deepEqual(meter.read(first, stats(150, 30)), { received: 0, sent: 10 });
  });

  it('are those of its streams where the browser does not count transports', () => {
    const stats = [
      { type: 'inbound-rtp', bytesReceived: 70 },
      { type: 'inbound-rtp', bytesReceived: 30 },
      { type: 'outbound-rtp', bytesSent: 8 },
      { type: 'codec' },
    ];
    assert.deepEqual(new TrafficMeter().read({}, stats), { received: 100, sent: 8 });
  });

  it('are a socket’s packets, too', () => {
    const engine = new EventEmitter();
    let [received, sent] = [0, 0];
    countPackets(engine, (traffic) => {
      received += traffic.received;
      sent += traffic.sent;
    });
    engine.emit('packet', { type: 'message', data: new ArrayBuffer(99) });
    engine.emit('packet', { type: 'ping' });
    engine.emit('packetCreate', { type: 'message', data: 'four' });
    engine.emit('packetCreate', { type: 'message', data: new Uint8Array(9).subarray(0, 3) });
    assert.deepEqual([received, sent], [101, 9]);
  });
});
