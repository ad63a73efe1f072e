import { readFile, stat } from 'node:fs/promises';
import { extname, join, resolve, sep } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import express, { type RequestHandler, type Router } from 'express';

const YEAR_MS = 365 * 24 * 3_600_000;
const COMPRESSIBLE: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
};
/** The most: 7% less than 9 over a link of 128 kbit/s, for two seconds a megabyte, once, beside the event loop. */
const BROTLI_QUALITY = 11;

/** Browsers take Brotli over HTTPS only. */
const ENCODERS = {
  br: (content: Buffer) =>
    promisify(brotliCompress)(content, { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } }),
  gzip: (content: Buffer) => promisify(gzip)(content, { level: constants.Z_BEST_COMPRESSION }),
} as const;
const ENCODINGS = ['br', 'gzip'] as const;

/**
 * The client as `vite build` left it in `directory`. Files under /assets carry their content's hash in their names and
 * never change; every other path that is no file is a face of the application, whose routes are its own.
 */
export function createPages(directory: string): Router {
  const router = express.Router();
  router.use((request, response, next) => {
    const reads = request.method === 'GET' || request.method === 'HEAD';
    if (!reads) response.status(405).set('Allow', 'GET, HEAD').end();
    else next();
  });
  router.use(compressed(directory));
  router.use(
    express.static(directory, {
      index: false,
      cacheControl: false,
      setHeaders: (response, path) => void response.set('Cache-Control', cacheControl(directory, path)),
    }),
  );
  router.use(async (request, response, next) => {
    if (extname(request.path) !== '') return next();
    const page = join(directory, 'index.html');
    if (!(await modifiedAt(page))) {
      response
        .status(503)
        .type('text')
        .send('The pages are not built yet. Stop the server and run: npm start\n');
      return;
    }
    response.sendFile('index.html', {
      root: directory,
      cacheControl: false,
      headers: { 'Cache-Control': 'no-cache' },
    });
  });
  return router;
}

function cacheControl(directory: string, path: string): string {
  return path.startsWith(join(directory, 'assets') + sep)
    ? `public, max-age=${YEAR_MS / 1000}, immutable`
    : 'no-cache';
}

/** Serves texts compressed, made when first asked for: on a thin link they are most of the first visit. */
function compressed(directory: string): RequestHandler {
  const made = new Map<string, Promise<Buffer>>();
  return async (request, response, next) => {
    const path = resolve(directory, `.${decodedPath(request.path)}`);
    const type = COMPRESSIBLE[extname(path)];
    const encoding = ENCODINGS.find((name) => request.acceptsEncodings(name) === name);
    if (!type || !path.startsWith(directory + sep) || !encoding) return next();
    const modified = await modifiedAt(path);
    if (!modified) return next();
    const key = [path, modified, encoding].join('\0');
    const body = made.get(key) ?? readFile(path).then(ENCODERS[encoding]);
    made.set(key, body);
    body.catch(() => made.delete(key));
    response
      .type(type)
      .vary('Accept-Encoding')
      .set({ 'Content-Encoding': encoding, 'Cache-Control': cacheControl(directory, path) })
      .send(await body);
  };
}

function decodedPath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return '/'; // not a path that any file of ours has
  }
}

async function modifiedAt(path: string): Promise<number | null> {
  try {
    const found = await stat(path);
    return found.isFile() ? found.mtimeMs : null;
  } catch {
    return null;
  }
}
