import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { routes } from '../../../protocol/api.ts';
import type { ReplayEdit } from '../../../protocol/replay-edit.ts';
import { hashPassword } from '../../../server/auth/password.ts';
import { DEMO_PASSWORD } from '../../../server/demo/demo.ts';
import { createAccount } from '../../../server/store/accounts.ts';
import { createSchool } from '../../../server/store/schools.ts';
import { Bot } from '../../bots/bot.ts';
import { eventually } from '../../support/eventually.ts';
import type { HttpServer } from '../http-server.ts';

/** Cookies: of a teacher whose lessons are packed, and of a far school’s administrator and student. */
export interface CourierDesk {
  readonly teacher: string;
  readonly admin: string;
  readonly pupil: string;
}

export async function openFarSchool(server: HttpServer): Promise<CourierDesk> {
  const name = { 'zh-CN': '远方小学' };
  const school = await createSchool({ name, region: name, kind: 'village' });
  const password = await hashPassword(DEMO_PASSWORD);
  await createAccount({ username: 'faradmin', password, role: 'administrator', name, school });
  await createAccount({ username: 'farpupil', password, role: 'student', name, school });
  const [teacher, admin, pupil] = await Promise.all(['dolma', 'faradmin', 'farpupil'].map(server.as));
  return { teacher: teacher ?? '', admin: admin ?? '', pupil: pupil ?? '' };
}

/** What is done between two schools, over HTTP. */
export function courierWork(server: HttpServer, { teacher, admin }: CourierDesk) {
  async function upload(content: Buffer): Promise<string> {
    const id = randomBytes(16).toString('hex');
    const place = `${server.url}/courier/uploads/${id}`;
    // The line breaks off half way; where it was, is asked for.
    for (const share of [0.5, 1]) {
      const asked = await fetch(place, { headers: { cookie: admin } });
      const { data } = await asked.json();
      const sent = await fetch(`${place}?from=${data.received}&bytes=${content.length}`, {
        method: 'PATCH',
        headers: { cookie: admin, 'content-type': 'application/octet-stream' },
        body: new Uint8Array(content.subarray(data.received, Math.floor(content.length * share))),
      });
      assert.equal(sent.status, 200, await sent.text());
    }
    return id;
  }
  const takeIn = (id: string) =>
    server.send('/api/v1/courier/imports', { method: 'POST', cookie: admin, body: { upload: id } });
  async function pack(lesson: string): Promise<Buffer> {
    const reply = await server.send(`/api/v1/lessons/${lesson}/package`, {
      ...{ method: 'POST', cookie: teacher, body: {} },
    });
    const { url } = routes['courier.export'].output.parse(reply.data);
    return Buffer.from(await (await fetch(server.url + url, { headers: { cookie: teacher } })).arrayBuffer());
  }
  const replayOf = async (lesson: string, cookie: string) =>
    routes['replay.show'].output.parse(
      (await server.send(`/api/v1/lessons/${lesson}/replay`, { cookie })).data,
    );
  const logOf = async (lesson: string, cookie: string) =>
    routes['replay.log'].output.parse((await server.send(`/api/v1/lessons/${lesson}/log`, { cookie })).data)
      .entries;
  const voiceOf = (lesson: string) =>
    eventually(
      async () => {
        const { data } = await server.send(`/api/v1/lessons/${lesson}/replay`, { cookie: teacher });
        const { state } = routes['replay.show'].output.safeParse(data).data ?? {};
        return state?.voice === 'ready' && state.picture === 'ready';
      },
      'its voice',
      60_000,
    );
  async function edit(lesson: string, change: Partial<ReplayEdit>): Promise<void> {
    const path = `/api/v1/lessons/${lesson}/edit`;
    const shown = routes['edit.show'].output.parse((await server.send(path, { cookie: teacher })).data);
    const body = { revision: shown.revision, edit: { ...shown.edit, ...change } };
    assert.equal((await server.send(path, { method: 'POST', cookie: teacher, body })).status, 200);
    await voiceOf(lesson);
  }
  /** The far school trusts the server’s own. */
  async function trust(): Promise<void> {
    const shown = await server.send('/api/v1/courier', { cookie: admin });
    const { fingerprint } = routes['courier.show'].output.parse(shown.data);
    const spoken = fingerprint.toUpperCase().replace(/(.{4})/g, '$1 ');
    const body = { fingerprint: spoken, name: '格桑县中心小学' };
    await server.send('/api/v1/courier/schools', { method: 'POST', cookie: admin, body });
  }
  /** Some seconds of a voice without a picture, and a sentence in the chat. */
  async function teach(lesson: string, text: string): Promise<void> {
    const bot = await Bot.join({ url: server.url, name: 'dolma', cookie: teacher, lesson, media: true });
    await bot.client.request('lesson.start', {});
    await bot.media.sendVoice();
    await bot.client.perform('chat.say', { text });
    await eventually(
      async () => {
        const { data } = await server.send(`/api/v1/lessons/${lesson}/replay`, { cookie: teacher });
        return (routes['replay.show'].output.safeParse(data).data?.renditions[0]?.bytes ?? 0) > 0;
      },
      'some of a voice',
      30_000,
    );
    await bot.client.request('lesson.end', {});
    await bot.close();
    await voiceOf(lesson);
  }
  const take = async (content: Buffer) => takeIn(await upload(content));
  return { upload, takeIn, take, pack, replayOf, logOf, voiceOf, edit, trust, teach };
}
export type CourierWork = ReturnType<typeof courierWork>;
