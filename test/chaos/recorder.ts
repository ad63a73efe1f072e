import { MongoClient } from 'mongodb';
import type { LogEntry } from '../../protocol/events.ts';
import { createRecorder } from '../../recordings/recorder.ts';
import { TestFeed } from '../support/lesson-feed.ts';
import { quietLog } from '../support/log.ts';
import { opusVoice } from '../support/opus.ts';
import { createRtpMedia } from '../support/rtp-media.ts';
import { vp8Picture } from '../support/vp8.ts';

/**
 * A process to be killed: the recorder of a lesson that goes on from run to run, with what its voice and its picture
 * send. Says `on` when it records, `sent <lesson ms>` with every frame of voice, and `ready` when all is made.
 */
const [directory = '', uri = '', originText = '', run = '', end = ''] = process.argv.slice(2);
const LESSON = 'chaos';
const origin = Number(originText);
/** Wall time: the lesson's clock goes on while its recorder is away. */
const now = (): number => Date.now() - origin;

const client = await MongoClient.connect(uri);
const media = createRtpMedia({
  now,
  onSent: (tap, index) => {
    if (tap.startsWith('voice')) process.stdout.write(`sent ${index * 60}\n`);
  },
});
const recorder = await createRecorder({
  directory,
  media: media.api,
  database: client.db(),
  ffmpegBin: process.env.FFMPEG_BIN || 'ffmpeg',
  ffprobeBin: process.env.FFPROBE_BIN || 'ffprobe',
  log: quietLog,
  renditionRetryMs: 200,
});
const entries: LogEntry[] = [
  {
    ...{ seq: 1, t: 0 },
    event: {
      type: 'participant.joined',
      participant: { id: 'teacher', part: 'lead', name: { 'zh-CN': 'teacher' } },
    },
  },
  { seq: 2, t: 0, event: { type: 'lesson.started', at: origin } },
];
const feed = new TestFeed(LESSON, entries, now);
const voice = await opusVoice();
const picture = await vp8Picture();
const voiceId = `voice${run}`;
const cameraId = `camera${run}`;
media.add(voiceId, {
  ...{ kind: 'audio', frameMs: voice.frameMs },
  frame: (index) => voice.packets[index % voice.packets.length] ?? null,
});
media.add(cameraId, {
  ...{ kind: 'video', frameMs: 1000 / picture.framesPerSecond },
  frame: (index) => picture.frames[index % picture.frames.length] ?? null,
});
recorder.follow(feed);
feed.publish({ type: 'stream.opened', stream: { id: voiceId, participant: 'teacher', source: 'mic' } });
feed.publish({ type: 'stream.opened', stream: { id: cameraId, participant: 'teacher', source: 'camera' } });
await feed.untilRecording('on');
process.stdout.write('on\n');
if (end !== '') {
  recorder.onChange(() => {
    void recorder.recording(LESSON).then((found) => {
      if (found?.state.picture === 'failed' || found?.state.voice === 'failed')
        process.stdout.write('failed\n');
      if (found?.state.picture === 'ready') process.stdout.write('ready\n');
    });
  });
  setTimeout(() => feed.publish({ type: 'lesson.ended', reason: 'teacher' }), 1000);
}
