import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { ZipFile } from 'yazl';
import { TongkeError } from '../../protocol/errors.ts';
import type { LogEntry } from '../../protocol/events.ts';
import type { MadeVoiceFile, RecordingsApi, VoiceFile } from '../../protocol/recording.ts';
import type { ObjectStore } from '../../protocol/storage.ts';
import { fileKey } from '../courseware/keys.ts';
import type { LessonRecord } from '../lessons/record.ts';
import { wordsOn } from '../store/page-words.ts';
import { pageFilesOf } from './page-files.ts';
import type { ReplayReader } from './reader.ts';
import { writeVtt } from './webvtt.ts';

/** A file of the archive: on the disk, or made for it. */
type Entry = { readonly name: string } & (
  | { readonly path: string; readonly bytes: number }
  | { readonly read: () => Promise<Readable>; readonly bytes: number }
  | { readonly content: Buffer }
);

/** A zip on its way: as long as it says. */
export interface ZipStream {
  readonly bytes: number;
  readonly stream: Readable;
}

/** What an archive weighs, or, as long as a voice of it has not been made, will about weigh. */
export interface ArchiveSize {
  readonly bytes: number;
  readonly exact: boolean;
}

/** Of an archive. What names the voices comes last: only then is it known which of them could be made. */
interface Content {
  readonly entries: readonly Entry[];
  readonly voices: readonly VoiceFile[];
  readonly data: (voices: readonly MadeVoiceFile[]) => Entry;
}

export interface ArchiveOptions {
  readonly reader: ReplayReader;
  readonly recordings: RecordingsApi;
  /** Where the files of pages are. */
  readonly objects: ObjectStore;
  /** Where `vite build` puts the player that works without a server. */
  readonly player: string;
}

/**
 * A replay in one folder that plays from a USB stick: the player, the lesson's data as a script (pages opened from a disk may
 * not fetch), and the voice. What is hidden is not in it.
 */
export class Archives {
  readonly #options: ArchiveOptions;

  constructor(options: ArchiveOptions) {
    this.#options = options;
  }

  /** Null while the voice is being made. */
  async sizeOf(record: LessonRecord): Promise<ArchiveSize | null> {
    const content = await this.#content(record);
    if (!content) return null;
    const { entries, voices, data } = content;
    const made = voices.filter(isMade);
    const coming = voices.filter((voice) => !isMade(voice));
    const { bytes, stream } = await zip(
      folderOf(record),
      [...entries, ...voiceEntries(made), data(made)],
      record.startsAt,
    );
    stream.destroy();
    return { bytes: coming.reduce((sum, voice) => sum + voice.bytes, bytes), exact: coming.length === 0 };
  }

  /**
   * How long it is, is not known where a voice has to be made first: the others are sent meanwhile. Rejects with
   * `replay_not_ready` while there is none, or what there is has to be made again.
   */
  async open(record: LessonRecord): Promise<ZipStream | Pick<ZipStream, 'stream'>> {
    if (!(await this.#options.recordings.isIntact(record.id))) throw new TongkeError('replay_not_ready');
    const content = await this.#content(record);
    if (!content) throw new TongkeError('replay_not_ready');
    const { entries, voices, data } = content;
    const made = voices.filter(isMade);
    const first = [...entries, ...voiceEntries(made)];
    if (made.length === voices.length) return zip(folderOf(record), [...first, data(made)], record.startsAt);
    const rest = Promise.all(voices.map((voice) => (isMade(voice) ? voice : voice.make()))).then((all) => {
      const there = all.filter((voice) => voice !== null);
      return [
        ...voiceEntries(there).filter(({ name }) => !first.some((one) => one.name === name)),
        data(there),
      ];
    });
    return zipBehind(folderOf(record), first, rest, record.startsAt);
  }

  async #pageFiles({ id }: LessonRecord, entries: readonly LogEntry[]): Promise<Entry[]> {
    const { objects } = this.#options;
    return (await pageFilesOf(id, entries)).map(({ sha256, form, bytes }) => ({
      name: `pages/${sha256}.${form}`,
      bytes,
      read: async () => {
        const content = await objects.read(fileKey(sha256));
        if (!content) throw new TongkeError('not_found');
        return Readable.from(content);
      },
    }));
  }

  async #content(record: LessonRecord): Promise<Content | null> {
    const { reader, recordings, player } = this.#options;
    const replay = await reader.manifest(record, 'observer', false);
    if (replay.live || replay.state.voice === 'waiting' || replay.state.voice === 'working') return null;
    const captions = await Promise.all(
      (replay.captions ?? []).map(async (track) => {
        const { cues } = await reader.cues(record.id, track.id);
        return { ...track, url: '', cues: '', list: cues, file: `captions-${track.id}.vtt` };
      }),
    );
    const entries = await reader.log(record);
    const words = await wordsOn((await pageFilesOf(record.id, entries)).map(({ sha256 }) => sha256));
    const data = (voices: readonly MadeVoiceFile[]): Entry => {
      const [voice] = voices;
      const all = {
        replay: {
          ...replay,
          renditions: voice ? [{ kind: 'voice', url: 'voice', bytes: voice.bytes }] : [],
          state: { voice: voice ? 'ready' : 'failed', picture: 'ready', progress: 1 },
          captions: captions.map(({ list: _list, file: _file, ...track }) => track),
        },
        ...{ entries, words },
        voices: voices.map((one) => ({ name: nameOf(one), type: one.type })),
        captions: Object.fromEntries(captions.map(({ id, list }) => [id, list])),
      };
      const content = Buffer.from(`window.tongkeReplay = ${JSON.stringify(all)};\n`);
      return { name: 'replay.js', content };
    };
    const texts = captions.map(({ file, list }) => ({
      name: file,
      content: Buffer.from(writeVtt(list, replay.from)),
    }));
    return {
      entries: [...(await playerFiles(player)), ...(await this.#pageFiles(record, entries)), ...texts],
      voices: await recordings.voiceFiles(record.id),
      data,
    };
  }
}

function isMade(voice: VoiceFile): voice is MadeVoiceFile {
  return 'path' in voice;
}

function nameOf({ path }: MadeVoiceFile): string {
  return path.endsWith('.m4a') ? 'voice-aac.m4a' : 'voice-opus.mp4';
}

function voiceEntries(voices: readonly MadeVoiceFile[]): Entry[] {
  return voices.map((voice) => ({ name: nameOf(voice), path: voice.path, bytes: voice.bytes }));
}

async function playerFiles(directory: string): Promise<Entry[]> {
  const names = (await readdir(directory)).filter((name) => /^[\w-]+\.(html|js|css)$/.test(name)).sort();
  return Promise.all(
    names.map(async (name) => {
      const path = join(directory, name);
      return { name, path, bytes: (await stat(path)).size };
    }),
  );
}

/** In ASCII: old file systems on sticks spoil other names. */
function folderOf({ id, startsAt }: LessonRecord): string {
  return `tongke-${new Date(startsAt).toISOString().slice(0, 10)}-${id}`;
}

/** Stored, not deflated: the voice cannot be made smaller, and so the length is known before the first byte is sent. */
export function zip(folder: string, entries: readonly Entry[], mtime: number): Promise<ZipStream> {
  const { file, stream, add } = begin(folder, mtime);
  add(entries);
  return new Promise((resolve, reject) => {
    // Its types leave out what it is called with: the length, known because nothing is compressed.
    file.end({ forceZip64Format: false, comment: '' }, (...[bytes = -1]: number[]) =>
      bytes > 0 ? resolve({ bytes, stream }) : reject(new Error('An archive of unknown length')),
    );
  });
}

/** Begins with what is there, and goes on with the rest. */
function zipBehind(
  folder: string,
  first: readonly Entry[],
  rest: Promise<readonly Entry[]>,
  mtime: number,
): Pick<ZipStream, 'stream'> {
  const { file, stream, add } = begin(folder, mtime);
  add(first);
  rest.then(
    (entries) => {
      add(entries);
      file.end();
    },
    (error: Error) => stream.destroy(error),
  );
  return { stream };
}

function begin(folder: string, mtime: number) {
  const file = new ZipFile();
  const stream = new PassThrough();
  file.outputStream.pipe(stream);
  // yazl tells of a file that cannot be read on itself: whoever reads the stream has to hear of it.
  file.on('error', (error: Error) => stream.destroy(error));
  /** What is being read: yazl leaves it open when nobody takes any more. */
  let source: Readable | undefined;
  stream.once('close', () => source?.destroy());
  const give = async (entry: Exclude<Entry, { readonly content: Buffer }>): Promise<Readable> => {
    source = 'path' in entry ? createReadStream(entry.path) : await entry.read();
    if (stream.destroyed) source.destroy();
    else source.once('error', (error) => stream.destroy(error));
    return source;
  };
  const add = (entries: readonly Entry[]): void => {
    for (const entry of stream.destroyed ? [] : entries) {
      const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
      const options = { compress: false, mtime: new Date(mtime) };
      if ('content' in entry) file.addBuffer(entry.content, name, options);
      else {
        file.addReadStreamLazy(name, { ...options, size: entry.bytes }, (callback) => {
          give(entry).then(
            (readable) => callback(null, readable),
            (error: unknown) => callback(error, Readable.from([])),
          );
        });
      }
    }
  };
  return { file, stream, add };
}
