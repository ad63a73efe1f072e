import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { shownPages } from '../../../protocol/board.ts';
import { PackFile } from '../../../protocol/pack.ts';
import { keptState } from '../../lessons/kept-state.ts';
import { lessonsAround } from '../../store/lessons.ts';
import { logStore } from '../../store/log.ts';
import { packOf, reportPack } from '../../store/packs.ts';
import type { RouteHandlers } from '../api.ts';
import { accountOf, lessonOf } from './lessons.ts';
import { roomOf } from './rooms.ts';

/** So far ahead a technician looks, ms: after a Friday, Monday. */
const AHEAD_MS = 4 * 24 * 3_600_000;

type PackRoutes = Pick<RouteHandlers, 'pack.show' | 'pack.report' | 'pack.rooms' | 'room.packs'>;

/** `pages`: where the built client is, with the list of what it is made of. */
export function packRoutes(pages: string): PackRoutes {
  return {
    'pack.show': async (context) => {
      const { id } = lessonOf(context);
      const { board } = await keptState(logStore, id);
      const shown = shownPages(board);
      // The page that everyone will look at first, and from there on.
      const first = Math.max(
        0,
        shown.findIndex((page) => page.id === board.current),
      );
      const ordered = [...shown.slice(first), ...shown.slice(0, first)];
      const ofPages = ordered.flatMap(({ file }) =>
        file ? [{ url: `/courseware/${id}/${file.sha256}`, sha256: file.sha256, bytes: file.bytes }] : [],
      );
      const once = new Map(ofPages.map((file) => [file.sha256, { ...file, kind: 'page' as const }]));
      return { lesson: id, files: [...(await applicationFiles(pages)), ...once.values()] };
    },

    'pack.report': async (context, share) => {
      await reportPack(lessonOf(context).id, accountOf(context).id, share);
      return {};
    },

    'pack.rooms': async (context) => {
      const { id, members, rooms } = lessonOf(context);
      const shares = await Promise.all(members.rooms.map((room) => packOf(id, room)));
      return {
        rooms: members.rooms.flatMap((room, i) => {
          const name = rooms[i];
          return name ? [{ room, name, share: shares[i] ?? null }] : [];
        }),
      };
    },

    'room.packs': async (context) => {
      const { id, school } = roomOf(context);
      const now = Date.now();
      const range = [new Date(now), new Date(now + AHEAD_MS)] as const;
      const lessons = await lessonsAround({ id, role: 'room', school }, ...range);
      const coming = lessons.filter(({ state, startsAt }) => state === 'ready' && startsAt > now);
      return {
        lessons: await Promise.all(
          coming.map(async ({ id: lesson, title, startsAt }) => ({
            ...{ lesson, title, startsAt },
            share: await packOf(lesson, id),
          })),
        ),
      };
    },
  };
}

/** `vite build` leaves it beside the pages (vite.config.ts). */
const Built = z.array(PackFile.omit({ kind: true }));

async function applicationFiles(pages: string): Promise<PackFile[]> {
  const text = await readFile(join(pages, 'pack.json'), 'utf8').catch(() => '[]'); // the pages are not built yet
  return Built.parse(JSON.parse(text)).map((file) => ({ ...file, kind: 'app' as const }));
}
