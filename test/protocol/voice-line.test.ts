import assert from 'node:assert/strict';
import { WireError } from '../../protocol/bytes.ts';
import { type VoiceFrame, VoiceLineReader, VoiceLineWriter } from '../../protocol/voice-line.ts';

describe('a line of voices', () => {
  const frames: VoiceFrame[] = [
    { voice: 0, ageMs: 1_200, timestamp: 2 ** 32 - 1_000, payload: Uint8Array.of(1, 2, 3) },
    { voice: 1, ageMs: 0, timestamp: 7, payload: new Uint8Array(1_275).fill(9) },
    { voice: 0, ageMs: 60, timestamp: 1_880, payload: Uint8Array.of(4) },
    { voice: 0, ageMs: 0, timestamp: 2 ** 32 - 500, payload: Uint8Array.of(5) }, // overtaken on its way
  ];
  const written = () => {
    const writer = new VoiceLineWriter();
    return Buffer.concat(frames.map((frame) => writer.write(frame)));
  };

  it('is read as it was written, in pieces of any length, over the turn of the clock', () => {
    const bytes = written();
    for (const length of [1, 2, 7, 1_000, bytes.length]) {
      const reader = new VoiceLineReader();
      const read: VoiceFrame[] = [];
      for (let at = 0; at < bytes.length; at += length) {
        for (const frame of reader.read(bytes.subarray(at, at + length)))
          read.push({ ...frame, payload: Uint8Array.from(frame.payload) });
      }
      assert.deepEqual(read, frames, `in pieces of ${length}`);
    }
  });

  it('costs a packet eight bytes at most beside what is coded in it', () => {
    const writer = new VoiceLineWriter();
    const voice = { voice: 0, ageMs: 0, payload: new Uint8Array(90) };
    writer.write({ ...voice, timestamp: 3_000_000_000 });
    assert.ok(writer.write({ ...voice, timestamp: 3_000_002_880 }).length <= 98);
  });

  it('is refused where nobody writes so', () => {
    assert.throws(() => new VoiceLineReader().read(Uint8Array.of(255, 255, 0)), WireError);
    assert.throws(() => new VoiceLineReader().read(Uint8Array.of(0, 1, 0)), WireError);
  });
});
