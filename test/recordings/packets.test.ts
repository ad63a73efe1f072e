import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createDepacketizer } from '../../recordings/depacketizer.ts';
import { JitterBuffer, type SequencedPacket } from '../../recordings/jitter-buffer.ts';
import { LessonClock } from '../../recordings/lesson-clock.ts';
import { concealment, opusSamples, silence } from '../../recordings/opus.ts';
import { parseRtp, Unwrapper } from '../../recordings/rtp.ts';
import { vp8KeyFrameSize } from '../../recordings/vp8.ts';
import { vp8Payloads, vp8Picture } from '../support/vp8.ts';

function packet(sequence: number, payload = Buffer.from([sequence & 0xff])): SequencedPacket {
  return { sequence, timestamp: sequence * 960, marker: true, payload };
}

describe('RTP', () => {
  it('is read past contributors, extension and padding', () => {
    const datagram = Buffer.concat([
      Buffer.from([0x80 | 0x20 | 0x10 | 1, 0x80 | 111, 0x12, 0x34, 0, 0, 1, 0, 0, 0, 0, 9]),
      Buffer.alloc(4), // one contributor
      Buffer.from([0xbe, 0xde, 0, 1, 0x10, 1, 0, 0]),
      Buffer.from('voice'),
      Buffer.from([0, 0, 3]),
    ]);
    const read = parseRtp(datagram);
    assert.equal(read?.payload.toString(), 'voice');
    assert.deepEqual(
      { marker: read?.marker, type: read?.payloadType, sequence: read?.sequence, timestamp: read?.timestamp },
      { marker: true, type: 111, sequence: 0x1234, timestamp: 256 },
    );
  });

  it('is nothing where a datagram is cut short, whatever it says', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const read = parseRtp(Buffer.from(bytes));
        assert.ok(read === null || read.payload.length <= bytes.length - 12);
      }),
    );
  });

  it('counters go on past their wrap, forwards and backwards', () => {
    const sequence = new Unwrapper(16);
    const first = sequence.unwrap(65_534);
    assert.deepEqual(
      [65_535, 0, 65_535, 1].map((value) => sequence.unwrap(value) - first),
      [1, 2, 1, 3],
    );
    const timestamp = new Unwrapper(32);
    const start = timestamp.unwrap(2 ** 32 - 960);
    assert.equal(timestamp.unwrap(960) - start, 1920);
  });
});

describe('the jitter buffer', () => {
  it('gives every order of arrival back in order, once', () => {
    const numbers = Array.from({ length: 12 }, (_, index) => index + 100);
    fc.assert(
      fc.property(fc.shuffledSubarray(numbers, { minLength: 12 }), (shuffled) => {
        const buffer = new JitterBuffer();
        // The first says where it begins: what was sent before it and comes after it is too late.
        const order = [100, ...shuffled.filter((number) => number !== 100), ...shuffled];
        const released = order.flatMap((number) => buffer.push(packet(number), 0));
        assert.deepEqual(
          released.map(({ packet: { sequence } }) => sequence),
          numbers,
        );
        assert.ok(released.every(({ lost }) => lost === 0));
      }),
    );
  });

  it('waits for a packet that is sent again, and gives up on one that is not', () => {
    const buffer = new JitterBuffer();
    buffer.push(packet(1), 0);
    assert.deepEqual(buffer.push(packet(4), 10), []);
    assert.deepEqual(buffer.expire(500), []);
    assert.deepEqual(
      buffer.expire(1000).map((released) => [released.packet.sequence, released.lost]),
      [[4, 2]],
    );
    assert.deepEqual(buffer.push(packet(2), 1001), [], 'too late');
    assert.equal(buffer.pending, false);
  });

  it('takes a leap for a new start', () => {
    const buffer = new JitterBuffer();
    buffer.push(packet(1), 0);
    assert.equal(buffer.push(packet(30_000), 1)[0]?.packet.sequence, 30_000);
    assert.equal(buffer.push(packet(30_001), 2)[0]?.lost, 0);
  });
});

describe('the lesson’s clock of a stream', () => {
  it('follows a sender whose crystal is off, through jitter, for an hour', () => {
    const clock = new LessonClock(48_000);
    const drift = 1.0001; // 100 ppm: 360 ms an hour
    let worst = 0;
    for (let n = 0; n < 60_000; n++) {
      const sent = n * 60 * drift; // real time at which the n-th 60 ms of the sender's time is over
      clock.observe(n * 2880, 5000 + sent + 20 + ((n * 7919) % 60));
      if (n > 50) worst = Math.max(worst, Math.abs(clock.at(n * 2880) - (5000 + sent + 20)));
    }
    assert.ok(worst < 30, `off by ${worst} ms`);
  });

  it('does not believe a first packet that was late', () => {
    const clock = new LessonClock(48_000);
    for (let n = 0; n < 10; n++) clock.observe(n * 960, 1000 + n * 20 + (n === 0 ? 200 : 0));
    assert.ok(Math.abs(clock.at(9 * 960) - 1180) < 1);
  });

  it('is not moved by a link that stalls, but by timestamps that jump', () => {
    const clock = new LessonClock(48_000);
    for (let n = 0; n < 100; n++) clock.observe(n * 960, n * 20);
    for (let n = 100; n < 150; n++) clock.observe(n * 960, 3000); // a second of packets, all at once
    assert.ok(Math.abs(clock.at(149 * 960) - 2980) < 25);
    clock.observe(1_000_000, 3020); // some 18 s ahead
    assert.ok(Math.abs(clock.at(1_000_000) - 3020) < 25);
  });
});

describe('Opus packets', () => {
  it('are as long as their first byte says', () => {
    assert.equal(opusSamples(Buffer.from([0x08, 1])), 960); // SILK 20 ms
    assert.equal(opusSamples(Buffer.from([0x18, 1])), 2880); // SILK 60 ms
    assert.equal(opusSamples(Buffer.from([0xfb, 6])), 5760); // six of CELT 20 ms
    assert.equal(opusSamples(Buffer.from([0xfb, 63])), 0, 'longer than any packet may be');
    assert.equal(opusSamples(Buffer.alloc(0)), 0);
  });

  it('of silence and concealment fill a gap to 2.5 ms', () => {
    const length = (packets: Iterable<Buffer>) =>
      [...packets].reduce((sum, next) => sum + opusSamples(next), 0);
    for (const gap of [0, 119, 120, 2400, 48_000, 48_127])
      assert.equal(length(silence(gap)), gap - (gap % 120));
    assert.equal(length(concealment(Buffer.from([0x18, 1]), 9000)), 3 * 2880);
  });
});

describe('VP8', () => {
  it('frames come out as they went in, and none that refers to a missing one', async () => {
    const { frames } = await vp8Picture();
    const depacketizer = createDepacketizer('video/VP8');
    assert.ok(depacketizer);
    const put = (frame: Buffer, index: number, drop = false) => {
      const payloads = vp8Payloads(frame, index);
      const out = payloads.map((payload, part) =>
        drop && part === 0
          ? null
          : depacketizer.push(
              { timestamp: index * 9000, marker: part === payloads.length - 1, payload },
              drop && part === 1,
            ),
      );
      return out.find((made) => made !== null);
    };
    assert.equal(put(frames[1] ?? Buffer.alloc(0), 0), undefined, 'begins with a key frame');
    const [first, second, third] = frames;
    assert.ok(first && second && third);
    assert.deepEqual(put(first, 1)?.payload, first);
    assert.deepEqual(put(second, 2)?.payload, second);
    assert.deepEqual(vp8KeyFrameSize(first), { width: 320, height: 180 });
    const large = frames.findIndex(
      (frame, index) => index > 2 && frame.length > 1100 && (frame.readUInt8(0) & 1) === 0,
    );
    assert.ok(large > 0, 'a key frame of several packets');
    assert.equal(put(frames[large] ?? first, 3, true), undefined, 'its beginning is missing');
    assert.equal(depacketizer.needsKeyFrame, true);
    assert.equal(put(third, 4), undefined);
    assert.deepEqual(put(first, 5)?.payload, first);
  });
});

describe('H.264', () => {
  const start = Buffer.from([0, 0, 0, 1]);
  const sps = Buffer.from([0x67, 1, 2, 3]);
  const pps = Buffer.from([0x68, 4]);
  const idr = Buffer.from([0x65, ...Array.from({ length: 30 }, (_, index) => index)]);

  function stapA(...units: Buffer[]): Buffer {
    return Buffer.concat([
      Buffer.from([24]),
      ...units.flatMap((unit) => [Buffer.from([0, unit.length]), unit]),
    ]);
  }

  function fuA(unit: Buffer): Buffer[] {
    const header = unit.readUInt8(0);
    const parts = [unit.subarray(1, 11), unit.subarray(11, 21), unit.subarray(21)];
    return parts.map((part, index) =>
      Buffer.concat([
        Buffer.from([(header & 0xe0) | 28, (header & 0x1f) | (index === 0 ? 0x80 : index === 2 ? 0x40 : 0)]),
        part,
      ]),
    );
  }

  it('is put together from aggregates and fragments', () => {
    const depacketizer = createDepacketizer('video/H264');
    assert.ok(depacketizer);
    const payloads = [stapA(sps, pps), ...fuA(idr)];
    const made = payloads.map((payload, index) =>
      depacketizer.push({ timestamp: 100, marker: index === payloads.length - 1, payload }, false),
    );
    assert.deepEqual(made.at(-1), {
      timestamp: 100,
      keyFrame: true,
      payload: Buffer.concat([start, sps, start, pps, start, idr]),
    });
  });

  it('waits for a key frame after a loss, and takes nothing malformed', () => {
    const depacketizer = createDepacketizer('video/H264');
    assert.ok(depacketizer);
    const push = (timestamp: number, payload: Buffer, lost = false) =>
      depacketizer.push({ timestamp, marker: true, payload }, lost);
    const slice = Buffer.from([0x41, 9]);
    assert.equal(push(1, slice), null);
    assert.ok(push(2, idr));
    assert.ok(push(3, slice));
    assert.equal(push(4, slice, true), null);
    assert.equal(push(5, slice), null);
    assert.ok(push(6, idr));
    assert.equal(push(7, Buffer.from([24, 0, 200, 1])), null, 'an aggregate that is cut off');
    assert.equal(depacketizer.needsKeyFrame, true);
  });
});
