import { readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { createWorker } from 'mediasoup';
import type { Consumer, Producer, Router, RtpCapabilities, WebRtcTransport } from 'mediasoup/types';
import { kindOf } from '../../protocol/media.ts';
import { startMediaNode } from '../support/media.ts';
import { opusVoice, type VoiceClip } from '../support/opus.ts';
import { type PictureClip, vp8Picture } from '../support/vp8.ts';
import { type Signalling, signalDirectly, WebRtcClient } from '../support/webrtc.ts';
import type { Bench, BenchOptions, Result } from './bench.ts';

/** Rooms and students of one lesson that a county teaches. */
const LISTENERS = 40;
const PAIRS = 5;
const RUN_MS = 4_000;
const WARM_UP_MS = 1_000;
/** Quick enough that forwarding, and not waiting, is what the worker does. */
const DENSE_FRAME_MS = 4;
/** How often the ladder measures a receiver that nothing happens to (server/lessons/receivers.ts). */
const LADDER_MS = 3_000;

/** A media worker with a sender and its listeners, and what it costs. */
interface Bed {
  readonly pid: number;
  readonly signalling: Signalling;
  readonly poll?: (transports: readonly string[]) => Promise<unknown>;
  close(): Promise<void>;
}

interface Load {
  readonly voice: VoiceClip;
  readonly picture?: PictureClip;
}

/** CPU of the media worker (from /proc) for clients with real DTLS and SRTP: ours against mediasoup at its defaults. */
export const bench: Bench = {
  about: 'what forwarding costs the media worker, against mediasoup at its defaults',
  run: ({ settings }: BenchOptions, report) =>
    measureAll(report, Number(settings.pairs ?? PAIRS), Number(settings.listeners ?? LISTENERS)),
};

async function measureAll(report: (result: Result) => void, pairs: number, listeners: number): Promise<void> {
  const speech = await opusVoice();
  const dense: Load = { voice: { ...speech, frameMs: DENSE_FRAME_MS } };
  const [ours, bare] = [new Run(ourBed, dense), new Run(bareBed, dense)];
  await alternate(pairs, listeners, [ours, bare]);
  const common = { unit: 'ratio', better: 'less' } as const;
  report({
    ...{ ...common, name: 'packet_cpu_ratio', value: ratio(ours, bare, 'perPacket'), goal: 1.02 },
    against: { ours_us: median(ours.perPacket), mediasoup_us: median(bare.perPacket), listeners },
  });
  const picture = await vp8Picture({ width: 640, height: 360, framesPerSecond: 25 });
  const defaults: Load = { voice: await opusVoice({ frameMs: 20 }), picture };
  const [thin, full] = [new Run(ourBed, { voice: speech }), new Run(bareBed, defaults)];
  const floor = new Run(bareBed, { voice: speech });
  await alternate(pairs, listeners, [thin, full, floor]);
  report({
    ...{ ...common, name: 'listener_cpu_ratio', value: ratio(thin, full, 'perListener'), goal: 0.35 },
    against: {
      voice_and_ink_us: median(thin.perListener),
      mediasoup_with_a_picture_us: median(full.perListener),
      // Nobody forwards this voice for less: what is above is ours.
      ratio_of_bare_mediasoup_with_this_voice: ratio(floor, full, 'perListener'),
      listeners,
    },
  });
}

interface Cost {
  /** Microseconds, one for each run. */
  readonly perPacket: number[];
  readonly perListener: number[];
}

/** A load on a bed, and what it has cost so far. */
class Run implements Cost {
  readonly open: () => Promise<Bed>;
  readonly load: Load;
  readonly perPacket: number[] = [];
  readonly perListener: number[] = [];

  constructor(open: () => Promise<Bed>, load: Load) {
    this.open = open;
    this.load = load;
  }
}

/** One after the other, again and again, so that what the machine does besides falls on all. */
async function alternate(pairs: number, listeners: number, runs: readonly Run[]): Promise<void> {
  for (let pair = 0; pair < pairs; pair++)
    for (const run of runs) await measure(await run.open(), run.load, listeners, run);
}

async function measure(bed: Bed, { voice, picture }: Load, count: number, into: Cost): Promise<void> {
  const sender = new WebRtcClient(bed.signalling);
  const listeners: WebRtcClient[] = [];
  const streams = [await sender.sendVoice(voice)];
  if (picture) streams.push(await sender.sendPicture(picture));
  try {
    for (let i = 0; i < count; i++) {
      const listener = new WebRtcClient(bed.signalling);
      listeners.push(listener);
      for (const stream of streams) await listener.receive(stream);
    }
    const transports = await Promise.all(listeners.map(async (each) => (await each.transport('receive')).id));
    await wait(WARM_UP_MS);
    const before = {
      cpu: await cpuMicroseconds(bed.pid),
      packets: received(listeners),
      at: performance.now(),
    };
    const polls = setInterval(() => void bed.poll?.(transports), LADDER_MS);
    await wait(RUN_MS);
    clearInterval(polls);
    const cpu = (await cpuMicroseconds(bed.pid)) - before.cpu;
    const seconds = (performance.now() - before.at) / 1_000;
    into.perPacket.push(cpu / (received(listeners) - before.packets));
    into.perListener.push(cpu / (count * seconds));
  } finally {
    for (const client of [...listeners, sender]) await client.close();
    await bed.close();
  }
}

async function ourBed(): Promise<Bed> {
  const media = await startMediaNode();
  const { router } = await media.createRouter();
  const [pid] = media.pids();
  if (pid === undefined) throw new Error('no worker');
  return {
    pid,
    signalling: signalDirectly(media, router),
    poll: (transports) => Promise.all(transports.map((id) => media.transportStats(id))),
    close: () => media.close(),
  };
}

async function bareBed(): Promise<Bed> {
  const worker = await createWorker({ workerBin: process.env.MEDIASOUP_WORKER_BIN, logLevel: 'error' });
  const router = await worker.createRouter({
    mediaCodecs: [
      { kind: 'audio', mimeType: 'audio/opus', clockRate: 48_000, channels: 2 },
      { kind: 'video', mimeType: 'video/VP8', clockRate: 90_000 },
    ],
  });
  return {
    pid: worker.pid,
    signalling: signalBare(router),
    close: async () => worker.close(),
  };
}

/** mediasoup without options, as its documentation begins. */
function signalBare(router: Router): Signalling {
  const transports = new Map<string, WebRtcTransport>();
  const consumers = new Map<string, Consumer>();
  const producers = new Map<string, Producer>();
  const of = <T>(held: ReadonlyMap<string, T>, id: string): T => {
    const object = held.get(id);
    if (!object) throw new Error(`no ${id}`);
    return object;
  };
  return {
    async open() {
      const transport = await router.createWebRtcTransport({
        listenInfos: [{ protocol: 'udp', ip: '127.0.0.1' }],
      });
      transports.set(transport.id, transport);
      const { id, iceParameters, iceCandidates, dtlsParameters } = transport;
      return JSON.parse(JSON.stringify({ id, iceParameters, iceCandidates, dtlsParameters }));
    },
    async connect(id, dtlsParameters) {
      await of(transports, id).connect({ dtlsParameters: JSON.parse(JSON.stringify(dtlsParameters)) });
    },
    restart: (id) =>
      of(transports, id)
        .restartIce()
        .then((parameters) => ({ ...parameters })),
    async produce(id, source, rtpParameters) {
      const options = { kind: kindOf(source), rtpParameters: JSON.parse(JSON.stringify(rtpParameters)) };
      const producer = await of(transports, id).produce(options);
      producers.set(producer.id, producer);
      return producer.id;
    },
    async consume(id, producerId, capabilities) {
      const rtpCapabilities: RtpCapabilities = JSON.parse(JSON.stringify(capabilities));
      const consumer = await of(transports, id).consume({ producerId, rtpCapabilities, paused: true });
      consumers.set(consumer.id, consumer);
      const { kind, rtpParameters } = consumer;
      return { id: consumer.id, producerId, kind, rtpParameters: { ...rtpParameters } };
    },
    receive: (id, paused) => (paused ? of(consumers, id).pause() : of(consumers, id).resume()),
  };
}

function received(listeners: readonly WebRtcClient[]): number {
  return listeners.reduce(
    (sum, { incoming }) => sum + incoming.reduce((all, { reception }) => all + reception.packets, 0),
    0,
  );
}

/** Time on a processor, user and system, of a process's main thread: the worker has one. */
async function cpuMicroseconds(pid: number): Promise<number> {
  const [nanoseconds] = (await readFile(`/proc/${pid}/schedstat`, 'utf8')).split(' ');
  return Number(nanoseconds) / 1_000;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return Number((sorted[Math.floor(sorted.length / 2)] ?? Number.NaN).toFixed(2));
}

/** Of neighbours, so that what the machine does besides falls on both. */
function ratio(ours: Cost, theirs: Cost, of: keyof Cost): number {
  return median(ours[of].map((value, i) => value / (theirs[of][i] ?? Number.NaN)));
}
