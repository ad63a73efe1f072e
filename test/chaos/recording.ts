import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { readFrames, repairTrack } from '../../recordings/track-reader.ts';
import { type EmbeddedDatabase, startEmbeddedDatabase } from '../../server/database/embedded.ts';
import { connect, disconnect } from '../../server/store/database.ts';
import { readLog } from '../../server/store/log.ts';
import type { Report } from '../bench/bench.ts';
import { eventually } from '../support/eventually.ts';
import { quietLog } from '../support/log.ts';
import type { ChaosOptions } from './main.ts';

const RECORDER = fileURLToPath(new URL('recorder.ts', import.meta.url));
const FFMPEG = process.env.FFMPEG_BIN || 'ffmpeg';
/** A kill comes this long after the recorder records, ms. */
const EARLIEST_MS = 300;
const LATEST_MS = 3000;
const READY_MS = 300_000;
const SMALL_DISK = '24m';

export interface ChaosResult {
  /** Of each kill: voice that was sent and is on no disk, s. */
  readonly lostS: readonly number[];
  /** Of the kills: after which all that was kept decodes. */
  readonly decodable: number;
  readonly encoderKills: number;
  readonly databaseKills: number;
  /** Strokes that were acknowledged and are not in the log. */
  readonly inkLost: number;
}

/** Numbers 0..1 that a seed decides (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One kill in so many is the database's, before the server's. */
const DATABASE_EACH = 4;

/** Kills the server and recorder of one lesson again and again, its database and its encoders, and looks at all that is left. */
export async function killRecorder({ kills, seed }: ChaosOptions): Promise<ChaosResult> {
  const random = randomFrom(seed);
  const directory = await mkdtemp(join(tmpdir(), 'tongke-chaos-'));
  const database = await startEmbeddedDatabase({ directory: join(directory, 'database') });
  const recordings = join(directory, 'recordings');
  const fixed = [recordings, database.uri];
  let child: ChildProcess | undefined;
  try {
    const lostS: number[] = [];
    let [decodable, databaseKills, inkLost] = [0, 0, 0];
    await connect(database.uri, quietLog);
    for (let kill = 0; kill < kills; kill++) {
      const victim = await start([...fixed, String(kill)]);
      child = victim.process;
      await delay(EARLIEST_MS + random() * (LATEST_MS - EARLIEST_MS));
      if (kill % DATABASE_EACH === 1) {
        await killDatabase(database, victim);
        databaseKills++;
      }
      victim.process.kill('SIGKILL');
      await once(victim.process, 'close');
      inkLost += await missing(victim.acked());
      const kept = await inspect(join(recordings, 'chaos', 'tracks'), kill);
      lostS.push(Math.max(0, victim.sentMs() - kept.toMs) / 1000);
      if (kept.whole && (await segmentsDecode(join(recordings, 'chaos', 'renditions')))) decodable++;
    }
    const ending = await start([...fixed, String(kills), 'end']);
    child = ending.process;
    await killWhileEncoding(ending);
    const last = await start([...fixed, String(kills), 'finish']);
    child = last.process;
    const encoderKills = await killEncoders(last, Math.min(2, kills));
    await playlistsDecode(join(recordings, 'chaos', 'renditions'));
    return { lostS, decodable, encoderKills, databaseKills, inkLost };
  } finally {
    child?.kill('SIGKILL');
    await disconnect();
    await database.close();
    await rm(directory, { recursive: true, force: true });
  }
}

interface Victim {
  readonly process: ChildProcess;
  readonly ready: Promise<void>;
  /** Lesson time of the last frame of voice that was sent. */
  sentMs(): number;
  /** `seq` of every stroke that was acknowledged. */
  acked(): readonly number[];
  /** What it said became of the recording. */
  states(): readonly string[];
  /** What it said that an operator is told. */
  warned(): readonly string[];
}

/** Kills the engine under a lesson that goes on, and waits until strokes are acknowledged again. */
async function killDatabase(database: EmbeddedDatabase, victim: Victim): Promise<void> {
  const up = once(database, 'up');
  process.kill(database.pid ?? 0, 'SIGKILL');
  await up;
  const before = victim.acked().length;
  await eventually(async () => victim.acked().length > before, 'the lesson is written again', 30_000);
}

/** How many of these the log does not hold. */
async function missing(acked: readonly number[]): Promise<number> {
  const kept = new Set((await readLog('chaos')).map(({ seq }) => seq));
  return acked.filter((seq) => !kept.has(seq)).length;
}

/** Resolves when it records. */
async function start(
  args: readonly string[],
  program: readonly string[] = [process.execPath],
): Promise<Victim> {
  const [command = '', ...before] = program;
  const child = spawn(command, [...before, RECORDER, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const acked: number[] = [];
  const states: string[] = [];
  const warned: string[] = [];
  let sent = 0;
  let onReady: (failure?: Error) => void = () => undefined;
  const ready = new Promise<void>((resolve, reject) => {
    onReady = (failure) => (failure ? reject(failure) : resolve());
  });
  ready.catch(() => undefined); // only the last recorder's is waited for
  const on = new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('sent ')) sent = Number(line.slice(5));
      if (line.startsWith('acked ')) acked.push(Number(line.slice(6)));
      if (line.startsWith('recording ')) states.push(line.slice(10));
      if (line.startsWith('warned ')) warned.push(line.slice(7));
      if (line === 'on') resolve();
      if (line === 'ready') onReady();
      if (line === 'failed') onReady(new Error('a rendition failed for good'));
    });
    child.once('close', (code) => {
      const failure = new Error(`the recorder ended with ${code}`);
      reject(failure);
      onReady(failure);
    });
  });
  await on;
  return {
    ...{ process: child, ready, sentMs: () => sent },
    ...{ acked: () => acked, states: () => states, warned: () => warned },
  };
}

/** What the tracks of one run hold: up to when, and whether every frame is as it was written. */
async function inspect(tracks: string, run: number): Promise<{ toMs: number; whole: boolean }> {
  let toMs = 0;
  let whole = true;
  for (const file of await readdir(tracks)) {
    const path = join(tracks, file);
    const found = await repairTrack(path);
    if (!found) {
      whole = false;
      continue;
    }
    let frames = 0;
    for await (const frame of readFrames(path)) if (!frame.end) frames++;
    if (frames !== found.frames || found.header.lesson !== 'chaos') whole = false;
    if (file.startsWith(`voice${run}.`)) toMs = Math.max(toMs, found.to);
  }
  return { toMs, whole };
}

/** Whether the segments that were made so far can be played, without any playlist's help. */
async function segmentsDecode(place: string): Promise<boolean> {
  const names = await readdir(place).catch(() => []); // the first segment is still to come
  const segments = names.filter((name) => /^voice-opus-\d+\.m4s$/.test(name)).sort();
  if (segments.length === 0) return true;
  const list = ['voice-opus-init.mp4', ...segments].map((name) => join(place, name)).join('|');
  return await decodes(`concat:${list}`);
}

async function decodes(input: string): Promise<boolean> {
  const { stderr } = await promisify(execFile)(FFMPEG, ['-v', 'error', '-i', input, '-f', 'null', '-']);
  return stderr === '';
}

/** Throws where a playlist that is offered does not play to its end. */
async function playlistsDecode(place: string): Promise<void> {
  const playlists = (await readdir(place)).filter((name) => name.endsWith('.m3u8'));
  for (const name of playlists) {
    if (!(await decodes(join(place, name)))) throw new Error(`${name} does not decode`);
    const text = await readFile(join(place, name), 'utf8');
    if (text.includes('#EXTINF') && !text.includes('#EXT-X-ENDLIST'))
      throw new Error(`${name} is not finished`);
  }
}

/** Kills so many encoders of a recorder that finishes its lesson; resolves, with how many it found, when it has. */
async function killEncoders({ process: recorder, ready }: Victim, kills: number): Promise<number> {
  let done = false;
  let killed = 0;
  const finished = ready.finally(() => {
    done = true;
  });
  const signal = AbortSignal.timeout(READY_MS);
  while (!done && killed < kills) {
    signal.throwIfAborted();
    for (const pid of await childrenOf(recorder.pid ?? 0)) {
      if (killed >= kills || !(await isEncoder(pid))) continue;
      process.kill(pid, 'SIGKILL');
      killed++;
    }
    await delay(150);
  }
  await Promise.race([finished, once(signal, 'abort').then(() => Promise.reject(signal.reason))]);
  return killed;
}

/** Kills the server in the midst of an encoder's work, which outlives it: the next one has to see to that. */
async function killWhileEncoding({ process: recorder, ready }: Victim): Promise<void> {
  const isEncoding = async () => {
    const encoders = (await childrenOf(recorder.pid ?? 0)).map(isEncoder);
    return (await Promise.all(encoders)).includes(true);
  };
  const early = ready.then(() => Promise.reject(new Error('it was ready before it could be killed')));
  await Promise.race([eventually(isEncoding, 'an encoder', READY_MS), early]);
  recorder.kill('SIGKILL');
  await once(recorder, 'close');
}

async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.split(' ').filter(Boolean).map(Number);
}

async function isEncoder(pid: number): Promise<boolean> {
  try {
    return (await readFile(`/proc/${pid}/comm`, 'utf8')).trim() === 'ffmpeg';
  } catch {
    return false; // it has ended meanwhile
  }
}

export async function run(report: Report, options: ChaosOptions): Promise<void> {
  const { lostS, decodable, encoderKills, databaseKills, inkLost } = await killRecorder(options);
  const against = {
    ...{ kills: lostS.length, seed: options.seed },
    ...{ encoders_killed: encoderKills, databases_killed: databaseKills },
  };
  report({
    ...{ name: 'lost_s_max', value: Math.max(...lostS), unit: 's', goal: 2 },
    ...{ better: 'less', against },
  });
  const share = (100 * decodable) / lostS.length;
  report({
    ...{ name: 'decodable_pct', value: share, unit: '%', goal: 100 },
    ...{ better: 'more', against },
  });
  report({ name: 'ink_lost', value: inkLost, unit: 'strokes', goal: 0, better: 'less', against });
  const full = await fillDisk();
  const found = full ?? {
    isBack: false,
    isGood: false,
    isGapMarked: false,
    warned: [],
    inkLost: 0,
    strokes: 0,
  };
  const survived =
    found.isBack && found.isGood && found.isGapMarked && found.warned.length > 0 && found.inkLost === 0;
  report({
    ...{ name: 'full_disk_survived', value: survived ? 1 : 0, unit: '', goal: 1, better: 'more' },
    against: full
      ? { strokes_meanwhile: full.strokes, ink_lost: full.inkLost, warned: full.warned.join('; ') }
      : { not_tried: 'nobody may mount a small disk here' },
  });
}

export interface FullDisk {
  /** The recording said that it failed, and was on again once there was room. */
  readonly isBack: boolean;
  /** Every track is whole, and all that is called ready plays to its end. */
  readonly isGood: boolean;
  /** What was not recorded meanwhile is a gap of the replay. */
  readonly isGapMarked: boolean;
  readonly warned: readonly string[];
  readonly inkLost: number;
  /** Acknowledged in all. */
  readonly strokes: number;
}

/** A small disk of one's own, and then a program. */
function onSmallDisk(place: string): string[] {
  const mounted = `mount -t tmpfs -o size=${SMALL_DISK} tmpfs ${place} && exec "$0" "$@"`;
  return ['unshare', '-rm', 'sh', '-c', mounted];
}

/**
 * A disk of a few megabytes that fills in mid-lesson, and again for its end: the recording says so and comes back, the lesson is
 * written all the while, and its replay is made when there is room. Null where nobody may mount one, as in many a container.
 */
export async function fillDisk(): Promise<FullDisk | null> {
  const directory = await mkdtemp(join(tmpdir(), 'tongke-chaos-'));
  const small = join(directory, 'small');
  await mkdir(small);
  const [unshare = '', ...words] = onSmallDisk(small);
  const isAllowed = await promisify(execFile)(unshare, [...words, 'true']).then(
    () => true,
    () => false,
  );
  if (!isAllowed) {
    await rm(directory, { recursive: true, force: true });
    return null;
  }
  const database = await startEmbeddedDatabase({ directory: join(directory, 'database') });
  let child: ChildProcess | undefined;
  try {
    await connect(database.uri, quietLog);
    const victim = await start([small, database.uri, '0', 'fill'], [unshare, ...words, process.execPath]);
    child = victim.process;
    await victim.ready;
    const states = victim.states();
    const fell = states.indexOf('failed');
    const isBack = fell >= 0 && states.indexOf('on', fell) > fell;
    const [acked, warned] = [victim.acked(), victim.warned()];
    // The disk is its own alone.
    const lesson = join(`/proc/${child.pid}/root`, small, 'chaos');
    const { gaps } = JSON.parse(await readFile(join(lesson, 'recording.json'), 'utf8'));
    const { whole } = await inspect(join(lesson, 'tracks'), 0);
    await playlistsDecode(join(lesson, 'renditions'));
    const isGapMarked = gaps.length > 0;
    return {
      isBack,
      isGood: whole,
      isGapMarked,
      warned,
      inkLost: await missing(acked),
      strokes: acked.length,
    };
  } finally {
    child?.kill('SIGKILL');
    await disconnect();
    await database.close();
    await rm(directory, { recursive: true, force: true });
  }
}
