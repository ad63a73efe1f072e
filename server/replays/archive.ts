import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { ZipFile } from 'yazl';
import { TongkeError } from '../../protocol/errors.ts';
import type { LogEntry } from '../../protocol/events.ts';
import type { RecordingsApi } from '../../protocol/recording.ts';
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
  async sizeOf(record: LessonRecord): Promise<number | null> {
    const entries = await this.#entries(record);
    return entries && (await zip(folderOf(record), entries, record.startsAt)).bytes;
  }

  /** Rejects with `replay_not_ready` while the voice is being made. */
  async open(record: LessonRecord): Promise<ZipStream> {
    const entries = await this.#entries(record);
    if (!entries) throw new TongkeError('replay_not_ready');
    return zip(folderOf(record), entries, record.startsAt);
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

  async #entries(record: LessonRecord): Promise<Entry[] | null> {
    const { reader, recordings, player } = this.#options;
    const replay = await reader.manifest(record, 'observer', false);
    if (replay.live || replay.state.voice === 'waiting' || replay.state.voice === 'working') return null;
    const voices = (await recordings.voiceFiles(record.id)).map(({ path, bytes, type }, index) => ({
      ...{ path, bytes, type },
      name: `voice${index + 1}.${path.endsWith('.m4a') ? 'm4a' : 'mp4'}`,
    }));
    const captions = await Promise.all(
      (replay.captions ?? []).map(async (track) => {
        const { cues } = await reader.cues(record.id, track.id);
        return { ...track, url: '', cues: '', list: cues, file: `captions-${track.id}.vtt` };
      }),
    );
    const entries = await reader.log(record);
    const data = {
      replay: {
        ...replay,
        renditions: voices.length > 0 ? [{ kind: 'voice', url: 'voice', bytes: voices[0]?.bytes ?? 0 }] : [],
        state: { voice: voices.length > 0 ? 'ready' : 'failed', picture: 'ready', progress: 1 },
        captions: captions.map(({ list: _list, file: _file, ...track }) => track),
      },
      entries,
      voices: voices.map(({ name, type }) => ({ name, type })),
      captions: Object.fromEntries(captions.map(({ id, list }) => [id, list])),
      words: await wordsOn((await pageFilesOf(record.id, entries)).map(({ sha256 }) => sha256)),
    };
    return [
      ...(await playerFiles(player)),
      { name: 'replay.js', content: Buffer.from(`window.tongkeReplay = ${JSON.stringify(data)};\n`) },
      ...voices.map(({ name, path, bytes }) => ({ name, path, bytes })),
      ...(await this.#pageFiles(record, data.entries)),
      ...captions.map(({ file, list }) => ({
        name: file,
        content: Buffer.from(writeVtt(list, replay.from)),
      })),
    ];
  }
}

type Give = (error: unknown, stream: Readable) => void;

function open(entry: Exclude<Entry, { readonly content: Buffer }>, give: Give): void {
  if ('path' in entry) give(null, createReadStream(entry.path));
  else
    entry.read().then(
      (stream) => give(null, stream),
      (error: unknown) => give(error, Readable.from([])),
    );
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
  const file = new ZipFile();
  const options = { compress: false, mtime: new Date(mtime) };
  for (const entry of entries) {
    const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if ('content' in entry) file.addBuffer(entry.content, name, options);
    else {
      file.addReadStreamLazy(name, { ...options, size: entry.bytes }, (give) => open(entry, give));
    }
  }
  const stream = file.outputStream.pipe(new PassThrough());
  // yazl tells of a file that cannot be read on itself: whoever reads the stream has to hear of it.
  file.on('error', (error: Error) => stream.destroy(error));
  return new Promise((resolve, reject) => {
    // Its types leave out what it is called with: the length, known because nothing is compressed.
    file.end({ forceZip64Format: false, comment: '' }, (...[bytes = -1]: number[]) =>
      bytes > 0 ? resolve({ bytes, stream }) : reject(new Error('An archive of unknown length')),
    );
  });
}
