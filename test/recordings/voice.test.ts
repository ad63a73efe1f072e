import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readInitSegment, readMediaSegment } from '../../recordings/fmp4.ts';
import { opusInitSegment, opusMediaSegment } from '../../recordings/fmp4-writer.ts';
import { OPUS_RATE, opusSamples, silence } from '../../recordings/opus.ts';
import { mergePackets } from '../../recordings/opus-repacketizer.ts';
import type { TrackPart } from '../../recordings/track-cursors.ts';
import { takeTurns, type VoiceWindow, voicesIn } from '../../recordings/voice-window.ts';
import { voiceAfterSilence } from './support.ts';

const WINDOW: VoiceWindow = { from: 0, begin: 0, end: 12 * OPUS_RATE, start: 0, last: false };

/** Packets of 20 ms, sent one after the other from a lesson time on, ms. */
function part(file: string, at: number, packets: readonly Buffer[]): TrackPart {
  const frames = packets.map((payload, index) => ({
    ...{ time: at + index * 20, timestamp: index * 960, keyFrame: true, end: false, payload },
  }));
  return { file, frames };
}

const samplesOf = (packets: readonly Buffer[]): number =>
  packets.reduce((sum, packet) => sum + opusSamples(packet), 0);

describe('a window of voice', () => {
  it('is copied where voices take turns, each where it was said', async () => {
    const packets = (await voiceAfterSilence(0, 2)).slice(0, 50);
    const voices = [part('teacher', 1000, packets), part('pupil', 4000, packets)];
    const taken = takeTurns(voicesIn(voices, WINDOW), WINDOW);
    assert.ok(taken);
    assert.equal(samplesOf(taken), 12 * OPUS_RATE);
    const [begin = Buffer.alloc(0)] = packets;
    const first = taken.indexOf(begin);
    const second = taken.lastIndexOf(begin);
    assert.equal(samplesOf(taken.slice(0, first)), 1 * OPUS_RATE);
    assert.equal(samplesOf(taken.slice(0, second)), 4 * OPUS_RATE);
  });

  it('is mixed where two are heard at once, and nobody who says nothing matters', async () => {
    const packets = (await voiceAfterSilence(0, 2)).slice(0, 50);
    const both = [part('teacher', 1000, packets), part('pupil', 1500, packets)];
    assert.equal(takeTurns(voicesIn(both, WINDOW), WINDOW), null);
    const quiet = [part('teacher', 1000, packets), part('pupil', 1500, [Buffer.from([0x08])])];
    assert.equal(voicesIn(quiet, WINDOW).length, 1);
  });

  it('has the same sound in fewer packets', async () => {
    const packets = await voiceAfterSilence(0.5, 2);
    const merged = [...mergePackets(packets)];
    assert.equal(samplesOf(merged), samplesOf(packets));
    assert.ok(merged.length <= Math.ceil(packets.length / 6) + 2, `${merged.length} of ${packets.length}`);
    assert.ok(merged.every((packet) => opusSamples(packet) <= 5760));
    assert.deepEqual([...mergePackets(merged)], merged, 'and no fewer the second time');
  });

  it('is written so that it is read back, whatever the packets’ lengths', () => {
    const init = readInitSegment(opusInitSegment());
    assert.deepEqual([init.codec, init.timescale], ['opus', OPUS_RATE]);
    const packet = fc.integer({ min: 1, max: 5760 / 120 }).map((count) => [...silence(count * 120)]);
    fc.assert(
      fc.property(
        fc.array(packet, { minLength: 1, maxLength: 60 }),
        fc.nat(2 ** 40),
        (groups, decodeTime) => {
          const packets = groups.flat();
          const found = readMediaSegment(opusMediaSegment(1, decodeTime, packets), init);
          assert.deepEqual(found, { decodeTime, duration: samplesOf(packets), samples: packets.length });
        },
      ),
      { numRuns: 60 },
    );
  });
});
