import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { z } from 'zod';
import type { RouteOutput } from '../../../protocol/api.ts';
import { DEMO_PASSWORD } from '../../../server/demo/demo.ts';
import { get, signIn } from '../../support/client.ts';

const Ready = z.object({
  ...{
    url: z.string(),
    httpsUrl: z.string(),
    cert: z.string(),
    key: z.string(),
    ca: z.string(),
    pid: z.number(),
  },
});

export interface BenchServer extends z.infer<typeof Ready> {
  /** A lesson of the demo school that the teacher may write in. */
  readonly lesson: string;
  /** A session's cookie, for HTTPS; signs in once an account. */
  cookie(username: string): Promise<string>;
  /** Processor time so far, s: this process's own, without its database. */
  cpuSeconds(): number;
  close(): Promise<void>;
}

/** A whole server in a process of its own, kept to one core where `core` names one. */
export async function startBenchServer(core?: number): Promise<BenchServer> {
  const script = new URL('server-process.ts', import.meta.url).pathname;
  const command =
    core === undefined ? [process.execPath, script] : ['taskset', '-c', `${core}`, process.execPath, script];
  const [program = '', ...words] = command;
  const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ready = await firstLine(child);
  setDefaultCACertificates([...getCACertificates('default'), ready.ca]);
  const cookies = new Map<string, Promise<string>>();
  const cookie = (username: string) => {
    const known = cookies.get(username) ?? signIn(ready.httpsUrl, username, DEMO_PASSWORD);
    cookies.set(username, known);
    return known;
  };
  return {
    ...ready,
    lesson: await readyLesson(ready.httpsUrl, await cookie('dolma')),
    cookie,
    cpuSeconds: () => cpuSeconds(ready.pid),
    async close() {
      child.stdin?.end();
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}

async function firstLine(child: ChildProcess): Promise<z.infer<typeof Ready>> {
  if (!child.stdout) throw new Error('the server has no output');
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('{')) return Ready.parse(JSON.parse(line));
  }
  throw new Error('the server did not start; what it said stands above');
}

async function readyLesson(url: string, cookie: string): Promise<string> {
  const { lessons } = await get<RouteOutput<'lesson.list'>>(url, '/lessons', cookie);
  const lesson = lessons.find(({ state, part }) => state === 'ready' && part === 'lead');
  if (!lesson) throw new Error('the demo school has no lesson to teach');
  return lesson.id;
}

/** Clock ticks a second of /proc: 100 wherever Linux runs. */
const TICKS = 100;

function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}
