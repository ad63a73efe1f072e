import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { OggOpusWriter, readOggPackets } from '../../recordings/ogg.ts';
import { OPUS_RATE, opusSamples } from '../../recordings/opus.ts';
import { PacketLine } from '../../recordings/packet-line.ts';
import { type PictureTrack, planPicture } from '../../recordings/picture-plan.ts';
import { findGaps, packLanes } from '../../recordings/timeline.ts';
import type { TrackFrame, TrackHeader } from '../../recordings/track-format.ts';
import { readFrames, repairTrack } from '../../recordings/track-reader.ts';
import { TrackWriter } from '../../recordings/track-writer.ts';
import { loudness, onset, probe, voiceAfterSilence } from './support.ts';

const HEADER: TrackHeader = {
  version: 1,
  lesson: 'lesson1',
  stream: 'stream1',
  participant: 'dolma',
  part: 'lead',
  source: 'mic',
  mimeType: 'audio/opus',
  clockRate: OPUS_RATE,
  from: 1000,
};

function frame(index: number, size = 40): TrackFrame {
  return {
    time: 1000 + index * 20 + 0.125,
    timestamp: 2 ** 32 + index * 960,
    keyFrame: true,
    end: false,
    payload: Buffer.alloc(size, index),
  };
}

/** The track's voice on the lesson's clock, as Ogg. */
async function writeLine(lane: string, track: string, { from, to }: { from: number; to: number }) {
  const line = new PacketLine(from, 0);
  for await (const read of readFrames(track)) if (!read.end) line.place(read);
  line.endAt((to - from) * 48);
  const ogg = await OggOpusWriter.create(lane);
  for (const packet of line.packets) await ogg.write(packet);
  await ogg.close();
}

async function collect(path: string): Promise<TrackFrame[]> {
  const frames: TrackFrame[] = [];
  for await (const read of readFrames(path)) frames.push(read);
  return frames;
}

describe('a track', () => {
  let directory: string;
  let path: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tongke-track-'));
    path = join(directory, 'voice.track');
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  async function write(frames: readonly TrackFrame[], header = HEADER, name = path): Promise<void> {
    const writer = new TrackWriter(name, header, (error) => assert.fail(String(error)));
    for (const each of frames) writer.append(each);
    await writer.close();
  }

  it('is read as it was written', async () => {
    const frames = [frame(0), frame(1, 0), frame(2, 300_000), frame(3)];
    await write(frames);
    assert.deepEqual(await collect(path), frames);
    const found = await repairTrack(path);
    assert.deepEqual(found?.header, HEADER);
    assert.deepEqual([found?.frames, found?.torn, found?.from], [4, 0, 1000]);
  });

  it('torn anywhere keeps every whole frame before, and is cut there', async () => {
    const frames = [frame(0), frame(1), frame(2)];
    await write(frames);
    const whole = await readFile(path);
    const record = 8 + 13 + 40;
    for (let lost = 1; lost < record * 3; lost += 7) {
      await writeFile(path, whole);
      await truncate(path, whole.length - lost);
      const kept = 3 - Math.ceil(lost / record);
      const found = await repairTrack(path);
      assert.equal(found?.frames, kept, `${lost} bytes lost`);
      assert.equal((await stat(path)).size, whole.length - (3 - kept) * record);
      assert.deepEqual(await collect(path), frames.slice(0, kept));
    }
  });

  it('with a flipped bit lacks that frame alone', async () => {
    await write([frame(0), frame(1), frame(2)]);
    const damaged = await readFile(path);
    damaged.writeUInt8(damaged.readUInt8(damaged.length - 70) ^ 4, damaged.length - 70);
    await writeFile(path, damaged);
    const found = await repairTrack(path);
    assert.deepEqual([found?.frames, found?.damaged, found?.torn], [2, 1, 0]);
    assert.deepEqual(
      (await collect(path)).map(({ time }) => time),
      [frame(0).time, frame(2).time],
    );
  });

  it('that is none, or has no header, is not touched', async () => {
    await writeFile(path, 'TKTRACK1 and then something else');
    assert.equal(await repairTrack(path), null);
    await writeFile(path, '');
    assert.equal(await repairTrack(path), null);
  });

  it('is on the disk within a second, without being closed', async () => {
    const writer = new TrackWriter(path, HEADER, (error) => assert.fail(String(error)));
    writer.append(frame(0));
    const deadline = performance.now() + 1000;
    while ((await collect(path).catch(() => [])).length !== 1) {
      assert.ok(performance.now() < deadline, 'not written after a second');
      await delay(10);
    }
    await writer.close();
  });

  it('says once that the disk refuses it', async () => {
    const errors: unknown[] = [];
    const writer = new TrackWriter('/dev/full/track', HEADER, (error) => errors.push(error));
    writer.append(frame(0));
    await writer.close();
    assert.equal(errors.length, 1);
  });

  it('is laid on the lesson’s clock to the sample, through gaps, drift and a late start', async () => {
    const packets = await voiceAfterSilence(1, 1);
    // Recorded from 3 s on; a link that was away from 4.2 s to 7 s; the sender's clock restarted after it.
    const at = (index: number) => (index < 60 ? 3000 + index * 20 : 7000 + (index - 60) * 20);
    await write(
      packets.slice(0, 100).map((payload, index) => ({
        time: at(index) + (index % 3), // the clock's corrections
        timestamp: index < 60 ? index * 960 : 10_000_000 + index * 960,
        keyFrame: true,
        end: false,
        payload,
      })),
    );
    const lane = join(directory, 'lane.ogg');
    await writeLine(lane, path, { from: 1000, to: 10_000 });
    assert.ok(Math.abs((await probe(lane)).duration - 9) < 0.01);
    const levels = await loudness(lane);
    assert.ok(Math.abs(onset(levels) - 3000) <= 20, `begins at ${onset(levels)}, not at 3000`); // 1 s of silence first
    assert.ok(
      Math.abs(onset(levels, 0.02, 4500) - 6000) <= 20,
      `goes on at ${onset(levels, 0.02, 4500)}, not at 6000`,
    );
  });

  it('of an hour with a drifting sender stays on the lesson’s clock', async function () {
    this.timeout(30_000);
    const frames = 60_000;
    const marker = (index: number) => index % 6000 === 0;
    await write(
      Array.from({ length: frames }, (_, index) => ({
        time: index * 60 * 1.0001,
        timestamp: index * 2880,
        keyFrame: true,
        end: false,
        payload: Buffer.from([0x18, marker(index) ? 1 : 0, index & 0xff]),
      })),
      { ...HEADER, from: 0 },
    );
    const lane = join(directory, 'lane.ogg');
    await writeLine(lane, path, { from: 0, to: frames * 60 });
    let samples = 0;
    let seen = 0;
    for await (const packet of readOggPackets(lane)) {
      if (packet[0] === 0x18 && packet[1] === 1 && packet.length === 3) {
        const wanted = seen++ * 6000 * 60 * 1.0001;
        assert.ok(Math.abs(samples / 48 - wanted) <= 45, `at ${samples / 48}, not at ${wanted}`);
      }
      if (packet.toString('latin1', 0, 4) !== 'Opus') samples += opusSamples(packet);
    }
    assert.equal(seen, 10);
  });

  it('as Ogg is read by ffprobe, and its damage is noticed', async () => {
    const ogg = await OggOpusWriter.create(path);
    const packets = await voiceAfterSilence(0, 1);
    for (const packet of packets) await ogg.write(packet);
    await ogg.close();
    const { streams, duration } = await probe(path);
    assert.equal(streams[0]?.codec_name, 'opus');
    assert.ok(Math.abs(duration - packets.length * 0.02) < 0.001);
    const bytes = await readFile(path);
    bytes.writeUInt8(bytes.readUInt8(200) ^ 1, 200);
    await writeFile(path, bytes);
    await assert.rejects(async () => {
      for await (const packet of readOggPackets(path)) assert.ok(packet);
    }, /damaged/);
  });
});

describe('the timeline', () => {
  const voice = (from: number, to: number, part: 'lead' | 'room' = 'lead') => ({
    ...HEADER,
    part,
    from,
    to,
    file: `${from}.track`,
    frames: 1,
    bytes: 1,
  });

  it('has a gap where the recorder was away, until the lead is heard again', () => {
    const sessions = [
      { from: 0, to: null },
      { from: 9000, to: 20_000 },
    ];
    const tracks = [voice(0, 5000), voice(9500, 20_000, 'room'), voice(11_000, 20_000)];
    assert.deepEqual(findGaps({ sessions, moves: [] }, tracks, { from: 0, to: 20_000 }), [
      { from: 5000, to: 11_000 },
    ]);
  });

  it('has one while media moved, and none where the lead was not heard before', () => {
    const sessions = [{ from: 0, to: 60_000 }];
    const tracks = [voice(0, 5000), voice(7000, 20_000)];
    const gaps = findGaps({ sessions, moves: [5000, 50_000] }, tracks, { from: 0, to: 60_000 });
    assert.deepEqual(gaps, [{ from: 5000, to: 7000 }]);
  });

  it('has one at the end where the recording broke off', () => {
    const gaps = findGaps({ sessions: [{ from: 0, to: 4000 }], moves: [] }, [voice(0, 4000)], {
      from: 0,
      to: 9000,
    });
    assert.deepEqual(gaps, [{ from: 4000, to: 9000 }]);
  });

  it('has as few lanes as voices that ever spoke at once', () => {
    const lanes = packLanes([voice(0, 10), voice(5, 8), voice(10, 12), voice(9, 20)]);
    assert.deepEqual(
      lanes.map((lane) => lane.map(({ from }) => from)),
      [
        [0, 10],
        [5, 9],
      ],
    );
  });
});

describe('the picture', () => {
  const track = (
    source: 'camera' | 'screen',
    from: number,
    to: number,
    keyFrames: readonly number[],
    size = { width: 640, height: 360 },
  ): PictureTrack => ({
    path: `${source}-${from}`,
    mimeType: 'video/VP8',
    source,
    to,
    frames: Array.from({ length: (to - from) / 100 }, (_, index) => {
      const time = from + index * 100;
      const keyFrame = keyFrames.includes(time);
      return { time, keyFrame, size: keyFrame ? size : null };
    }),
  });

  function show(tracks: readonly PictureTrack[], to = 20_000): string[] {
    const pieces = planPicture(tracks, { from: 0, to });
    return pieces.map((piece) => `${piece.track.source} ${piece.from}-${piece.to} from frame ${piece.first}`);
  }

  it('is the screen while one is shared, else the camera, from a key frame', () => {
    const camera = track('camera', 1000, 18_000, [1000, 9500]);
    const screen = track('screen', 5000, 9000, [5000]);
    assert.deepEqual(show([camera, screen]), [
      'camera 1000-5000 from frame 0',
      'screen 5000-9000 from frame 0',
      // a key frame is half a second away: waiting beats decoding four seconds that nobody sees
      'camera 9500-18000 from frame 85',
    ]);
  });

  it('decodes from an earlier key frame where none is near', () => {
    const camera = track('camera', 1000, 18_000, [1000]);
    const screen = track('screen', 5000, 9000, [5000]);
    assert.equal(show([camera, screen])[2], 'camera 9000-18000 from frame 0');
  });

  it('begins anew where its shape changes', () => {
    const camera = track('camera', 0, 4000, [0, 2000]);
    const turned = camera.frames.map((each) =>
      each.time === 2000 ? { ...each, size: { width: 360, height: 640 } } : each,
    );
    assert.deepEqual(show([{ ...camera, frames: turned }], 4000), [
      'camera 0-2000 from frame 0',
      'camera 2000-4000 from frame 20',
    ]);
  });

  it('is nothing where no key frame ever came', () => {
    assert.deepEqual(show([track('camera', 0, 4000, [])]), []);
  });
});
