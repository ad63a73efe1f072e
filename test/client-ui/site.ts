import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { build, type Plugin } from 'vite';
import type { Answer } from '../../protocol/errors.ts';
import { accountOf, LOGINS, lessonsAround, participantOf } from './scene.ts';

/** The real pages with a lesson that holds still behind them, served under the strictest policy they must bear. */
export interface Site {
  readonly url: string;
  close(): Promise<void>;
}

const root = join(import.meta.dirname, '../..');

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "media-src 'self' blob:",
  "connect-src 'self'",
].join('; ');

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

const stillLesson: Plugin = {
  name: 'still-lesson',
  enforce: 'pre',
  resolveId: (id) => (id.endsWith('/session.ts') ? join(import.meta.dirname, 'fake-session.ts') : null),
};

export async function openSite(): Promise<Site> {
  const folder = await mkdtemp(join(tmpdir(), 'faces-'));
  await build({
    root: join(root, 'client'),
    configFile: join(root, 'vite.config.ts'),
    logLevel: 'warn',
    plugins: [stillLesson],
    build: { outDir: folder, emptyOutDir: true, sourcemap: false, minify: false },
  });
  const server = createServer((request, response) => {
    answer(folder, request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function answer(folder: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost');
  if (pathname.startsWith('/api/v1/')) {
    const page = new URL(request.headers.referer ?? 'http://localhost/');
    const body = JSON.stringify(await apiAnswer(`${request.method} ${pathname.slice(7)}`, page, request));
    response.writeHead(200, { 'content-type': 'application/json' }).end(body);
    return;
  }
  const path = extname(pathname) ? normalize(pathname) : 'index.html';
  const file = await readFile(join(folder, path)).catch(() => null);
  if (!file) return void response.writeHead(404).end();
  const type = TYPES[extname(path)] ?? 'application/octet-stream';
  response.writeHead(200, { 'content-type': type, 'content-security-policy': POLICY }).end(file);
}

/** Who asks is written in the address of the page: `?as=dolma`; nobody without it. */
async function apiAnswer(route: string, page: URL, request: IncomingMessage): Promise<Answer<unknown>> {
  const as = page.searchParams.get('as');
  const scene = page.searchParams.get('scene');
  const first = scene === 'ready' || scene === 'waiting' ? 'ready' : 'live';
  const now = new Date(2026, 10, 25, 9, 12).getTime();
  const part = as ? participantOf(as).part : 'student';
  const lessons = scene === 'empty' ? [] : lessonsAround(now, part, first);
  switch (route) {
    case 'GET /session':
      return ok({
        account: as ? accountOf(as) : null,
        setup: scene === 'setup',
        demo: scene === 'setup' ? null : { password: 'tongke-demo', logins: LOGINS },
      });
    case 'POST /session':
      return signIn(JSON.parse(await bodyOf(request)));
    case 'GET /lessons':
      return ok({ now, lessons: scene === 'waiting' ? lessons.filter(({ id }) => id !== 'first') : lessons });
    case 'GET /lessons/first/packs':
      return ok({
        rooms: [
          { room: 'room1', name: accountOf('room1').name, share: { have: 8_000_000, of: 8_000_000 } },
          { room: 'room2', name: accountOf('room2').name, share: { have: 3_200_000, of: 8_000_000 } },
        ],
      });
    default:
      if (route.startsWith('POST /lessons/') && route.endsWith('/pack')) return ok({});
      if (route.endsWith('/pack')) return ok({ lesson: 'first', files: [] });
      return route.startsWith('GET /lessons/')
        ? ok(lessons.find(({ id }) => id === 'first'))
        : { ok: false, error: { code: 'not_found', message: route } };
  }
}

function signIn({ username, password }: { username: string; password: string }): Answer<unknown> {
  return password === 'tongke-demo'
    ? ok({ account: accountOf(username) })
    : { ok: false, error: { code: 'wrong_password', message: 'wrong' } };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of request) text += String(part);
  return text;
}

const ok = <T>(data: T): Answer<T> => ({ ok: true, data });
