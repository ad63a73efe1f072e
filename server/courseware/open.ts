import { join } from 'node:path';
import type { ObjectStore } from '../../protocol/storage.ts';
import type { Config } from '../config.ts';
import { layPages } from '../lessons/board-pages.ts';
import { EarlierBoards } from '../lessons/earlier-boards.ts';
import { shownBoard } from '../lessons/kept-state.ts';
import type { Lessons } from '../lessons/lessons.ts';
import type { Log } from '../log.ts';
import { shownEdit } from '../replays/shown-edit.ts';
import { grantFiles } from '../store/courseware.ts';
import { earlierOfCourse, noteBoard } from '../store/lessons.ts';
import { logStore } from '../store/log.ts';
import { CoursewareService } from './service.ts';

/** What prepares lessons' boards. */
export interface Preparation {
  readonly objects: ObjectStore;
  readonly courseware: CoursewareService;
  readonly boards: EarlierBoards;
  close(): Promise<void>;
}

export function openPreparation(
  { dataDir, ffmpegBin, courseware: config }: Config,
  objects: ObjectStore,
  lessons: Lessons,
  log: Log,
): Preparation {
  const { pdftocairoBin, sofficeBin, quotaBytes } = config;
  const courseware = new CoursewareService({
    objects,
    tools: { ffmpeg: ffmpegBin, pdftocairo: pdftocairoBin, soffice: sofficeBin },
    folder: join(dataDir, 'courseware'),
    quotaBytes,
    lay: ({ _id, lesson, by, after }, files) => {
      const pages = files.map((file, i) => ({ id: `${_id}-${i}`, kind: 'courseware' as const, file }));
      return layPages(lessons, lesson, by, pages, after ?? undefined);
    },
    log,
  });
  const boards = new EarlierBoards({
    lessons,
    board: async (lesson) => shownBoard(logStore, lesson, (await shownEdit(lesson)).edit),
    earlier: earlierOfCourse,
    grant: grantFiles,
    note: noteBoard,
  });
  return { objects, courseware, boards, close: () => courseware.close() };
}
