import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { brotliCompress, constants, gunzip, gzip } from 'node:zlib';
import type { Request, RequestHandler, Response } from 'express';
import { Id } from '../../protocol/common.ts';
import { TongkeError } from '../../protocol/errors.ts';
import type { Permission } from '../../protocol/roles.ts';
import type { ByteRange, ObjectStore } from '../../protocol/storage.ts';
import { type Auth, subjectOf } from '../auth/auth.ts';
import { fileKey } from '../courseware/keys.ts';
import type { CoursewareService } from '../courseware/service.ts';
import type { LessonRecord, LessonRecords } from '../lessons/record.ts';
import type { ReplayReader } from '../replays/reader.ts';
import { type LessonFile, lessonFile } from '../store/courseware.ts';
import { sendAnswer } from './answer.ts';
import { authoriseLesson } from './authorise.ts';
import { isSharedWith } from './shared.ts';

/**
 * A round trip is dear in a lesson, and its pages do not change. Of one that is over it is asked each time whether they may still be
 * had: a share ends, and a replay is deleted.
 */
const KEPT = `private, max-age=${365 * 24 * 3_600}, immutable`;
const TYPES: Readonly<Record<LessonFile['form'], string>> = { svg: 'image/svg+xml', webp: 'image/webp' };
/** Were a drawing ever opened by itself rather than shown as a picture, it could do nothing and reach nothing. */
const SANDBOX = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox";

export interface CoursewareFilesOptions {
  readonly auth: Auth;
  readonly records: LessonRecords;
  readonly objects: ObjectStore;
  readonly courseware: CoursewareService;
  readonly reader: Pick<ReplayReader, 'isPageHidden'>;
}

/** `GET /courseware/:lesson/:sha256`: the file of a page, for who may watch; in parts if asked for. It never changes. */
export function coursewareFiles(options: CoursewareFilesOptions): RequestHandler {
  const compressed = keepCompressed(options.objects);
  return async (request, response) => {
    const lesson = await authorised(options, request, 'replay.watch');
    const { sha256 } = request.params;
    const isName = typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256);
    const file = isName ? await lessonFile(lesson.id, sha256) : null;
    if (!file) throw new TongkeError('not_found');
    // Whoever may not see what is hidden is told that there is no such thing.
    if (await options.reader.isPageHidden(lesson, file.sha256))
      await authorised(options, request, 'replay.original');
    response.set({
      'Content-Type': TYPES[file.form],
      'Content-Security-Policy': SANDBOX,
      'Cache-Control': lesson.state === 'ended' ? 'private, no-cache' : KEPT,
      ETag: `"${file.sha256}"`,
      'Accept-Ranges': 'bytes',
    });
    if (request.headers['if-none-match']?.includes(file.sha256)) response.status(304).end();
    else if (file.form === 'svg' && request.headers.range === undefined) {
      await sendCompressed(request, response, file, compressed);
    } else await sendPart(request, response, file, options.objects);
  };
}

/** `PATCH /courseware/:lesson/uploads/:courseware?from=N`: bytes of a file on its way; answers how many are here. */
export function coursewareUploads(options: CoursewareFilesOptions): RequestHandler {
  return async (request, response) => {
    if (!options.auth.originAllowed(request)) throw new TongkeError('forbidden');
    const lesson = await authorised(options, request, 'lesson.lead');
    const id = Id.safeParse(request.params.courseware);
    const from = Number(request.query.from ?? 0);
    if (!id.success || !Number.isSafeInteger(from) || from < 0) throw new TongkeError('bad_request');
    const received = await options.courseware.receive(lesson.id, id.data, from, request);
    // Whoever hung up in the middle reads no answer, and asks again how much is here.
    if (!response.destroyed) await sendAnswer(request, response, { ok: true, data: { received } });
  };
}

async function authorised(
  { auth, records }: CoursewareFilesOptions,
  request: Request,
  may: Permission,
): Promise<LessonRecord> {
  const account = await auth.accountOf(request);
  return authoriseLesson(records, account && subjectOf(account), may, request.params.lesson, (lesson) =>
    isSharedWith(request, lesson),
  );
}

async function sendPart(request: Request, response: Response, file: LessonFile, objects: ObjectStore) {
  const range = rangeOf(request, file.bytes);
  if (range === 'none') {
    response.status(416).set('Content-Range', `bytes */${file.bytes}`).end();
    return;
  }
  const content = await objects.read(fileKey(file.sha256), range);
  if (!content) throw new TongkeError('not_found');
  if (range) {
    response.status(206).set('Content-Range', `bytes ${range.from}-${range.to}/${file.bytes}`);
  }
  response.set('Content-Length', String(range ? range.to - range.from + 1 : file.bytes));
  await send(content, response);
}

/** The one part that is asked for; undefined where it is all; `none` where there is no such part. Several: all. */
function rangeOf(request: Request, bytes: number): ByteRange | undefined | 'none' {
  const ranges = request.range(bytes);
  if (ranges === -1) return 'none';
  const [first, second] = Array.isArray(ranges) && ranges.type === 'bytes' ? ranges : [];
  return first && !second ? { from: first.start, to: first.end } : undefined;
}

async function send(content: AsyncIterable<Uint8Array>, response: Response): Promise<void> {
  try {
    await pipeline(Readable.from(content), response);
  } catch (error) {
    const hungUp = error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';
    if (!hungUp) throw error;
  }
}

type Encoding = 'br' | 'gzip';
type Compressed = (file: LessonFile, encoding: Encoding) => Promise<Buffer>;

async function sendCompressed(
  request: Request,
  response: Response,
  file: LessonFile,
  compressed: Compressed,
) {
  const encoding = (['br', 'gzip'] as const).find((name) => request.acceptsEncodings(name) === name);
  response.vary('Accept-Encoding');
  const body = await compressed(file, encoding ?? 'gzip');
  // Whoever takes neither is a program of ours or a very old one: it gets the file as it is.
  if (encoding)
    response.set({ 'Content-Encoding': encoding, 'Content-Length': String(body.length) }).end(body);
  else response.end(await promisify(gunzip)(body));
}

/** A whole class opens a page at once: what was compressed last is at hand. */
const AT_HAND = 64;
const ENCODERS: Readonly<Record<Encoding, (content: Buffer) => Promise<Buffer>>> = {
  br: (content) => promisify(brotliCompress)(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 7 } }),
  gzip: (content) => promisify(gzip)(content),
};

function keepCompressed(objects: ObjectStore): Compressed {
  const kept = new Map<string, Promise<Buffer>>();
  return (file, encoding) => {
    const key = `${encoding} ${file.sha256}`;
    const made = kept.get(key) ?? readAll(objects, file).then(ENCODERS[encoding]);
    kept.delete(key);
    kept.set(key, made);
    made.catch(() => kept.delete(key));
    const [oldest] = kept.keys();
    if (kept.size > AT_HAND && oldest !== undefined) kept.delete(oldest);
    return made;
  };
}

async function readAll(objects: ObjectStore, file: LessonFile): Promise<Buffer> {
  const content = await objects.read(fileKey(file.sha256));
  if (!content) throw new TongkeError('not_found');
  const parts: Uint8Array[] = [];
  for await (const part of content) parts.push(part);
  return Buffer.concat(parts);
}
