import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import express from 'express';
import { build } from 'vite';
import type { Account } from '../../protocol/api.ts';
import { EntriesEncoder } from '../../protocol/entries-line.ts';
import type { ErrorCode } from '../../protocol/errors.ts';
import type { LogEntry } from '../../protocol/events.ts';
import type { Replay } from '../../protocol/replay.ts';
import { onceInRun } from '../support/once.ts';
import { makeRenditions, sizeOf } from './media.ts';

/** What the made-up server says of one lesson; tests change it while it is watched. */
export interface Show {
  replay: Replay | { status: number; code: ErrorCode };
  entries: readonly LogEntry[];
}

export interface Site {
  readonly url: string;
  readonly shows: Map<string, Show>;
  /** Bytes of the renditions that are there. */
  readonly bytes: { readonly voice: number; readonly picture: number };
  close(): Promise<void>;
}

/** A server with the Watch face, the replay's two routes and real renditions of `seconds`. */
export async function openSite(seconds: number): Promise<Site> {
  const media = await onceInRun(`renditions-${seconds}`, (folder) => makeRenditions(folder, seconds));
  const page = await onceInRun('watch-page', (outDir) =>
    build({
      configFile: false,
      logLevel: 'warn',
      root: join(import.meta.dirname, 'page'),
      plugins: [react()],
      build: { outDir, emptyOutDir: true, target: 'es2024', minify: false },
    }),
  );
  const shows = new Map<string, Show>();
  const server = createServer(appOf(shows, media, page)).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    shows,
    bytes: { voice: await sizeOf(media, 'opus'), picture: await sizeOf(media, 'moving') },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function appOf(shows: ReadonlyMap<string, Show>, media: string, page: string): express.Express {
  const app = express();
  app.get('/api/v1/lessons/:lesson/replay', ({ params }, response) => {
    const show = shows.get(params.lesson);
    if (!show) response.status(404).json(refusal('not_found'));
    else if ('code' in show.replay) response.status(show.replay.status).json(refusal(show.replay.code));
    else response.json({ ok: true, data: show.replay });
  });
  app.get('/replays/:lesson/log', ({ params, query }, response) => {
    const { entries = [] } = shows.get(params.lesson) ?? {};
    const fresh = entries.filter(({ seq }) => seq > Number(query.after ?? 0));
    response.type('application/octet-stream').send(Buffer.from(new EntriesEncoder().encode(fresh)));
  });
  app.get('/api/v1/session', (_request, response) => {
    response.json({ ok: true, data: { account: STUDENT, setup: false, demo: null } });
  });
  app.get('/api/v1/lessons/:lesson/watching', (_request, response) => {
    response.json({ ok: true, data: { position: null, watched: [], notes: [], questions: [] } });
  });
  // One's own stays on the device here: what the server makes of it is tested with a real one.
  app.use('/api', (_request, response) => void response.status(503).json(refusal('database_unavailable')));
  // As a server names them.
  app.get('/replays/voice-aac.m3u8', (_request, response) => response.sendFile(join(media, 'aac.m3u8')));
  app.use('/replays', express.static(media));
  app.use(express.static(page));
  app.get('/*path', (_request, response) => response.sendFile(join(page, 'index.html')));
  return app;
}

const STUDENT: Account = {
  id: 'student1',
  role: 'student',
  name: { 'zh-CN': '央金', en: 'Yangjin' },
  school: { id: 's1', name: { 'zh-CN': '中心校' } },
};

const refusal = (code: ErrorCode) => ({ ok: false, error: { code, message: code } });
