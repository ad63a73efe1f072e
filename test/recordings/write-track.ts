import { TrackWriter } from '../../recordings/track-writer.ts';

/** A process to be killed: appends a frame every 20 ms to the track it is told, and says which. */
const [path = ''] = process.argv.slice(2);
const writer = new TrackWriter(
  path,
  {
    version: 1,
    lesson: 'killed',
    stream: 'stream1',
    participant: 'dolma',
    part: 'lead',
    source: 'mic',
    mimeType: 'audio/opus',
    clockRate: 48_000,
    from: 0,
  },
  (error) => {
    throw error;
  },
);
let index = 0;
setInterval(() => {
  const payload = Buffer.alloc(40 + (index % 100), index);
  writer.append({ time: index * 20, timestamp: index * 960, keyFrame: true, end: false, payload });
  process.stdout.write(`${index++}\n`);
}, 20);
