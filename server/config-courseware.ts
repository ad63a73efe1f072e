import { z } from 'zod';

/** What turns files into pages, and how many of them a school may keep. */
export interface CoursewareConfig {
  /** Poppler's, which opens PDF; null: not on this computer. */
  readonly pdftocairoBin: string | null;
  /** LibreOffice's, which opens slides; null: not on this computer. */
  readonly sofficeBin: string | null;
  /** A school's share, bytes. */
  readonly quotaBytes: number;
}

const GIGABYTE = 1024 ** 3;

export const coursewareVariables = {
  PDFTOCAIRO_BIN: z.string().min(1).optional().describe("the path of poppler's pdftocairo"),
  SOFFICE_BIN: z.string().min(1).optional().describe("the path of LibreOffice's soffice"),
  COURSEWARE_GB: z.coerce
    .number()
    .min(0.01)
    .max(1e6)
    .default(20)
    .describe('gigabytes a school, 0.01 or more'),
};

/** What the set-up has found. */
export const coursewareFound = {
  pdftocairoBin: z.string().nullish(),
  sofficeBin: z.string().nullish(),
};

interface Values {
  readonly PDFTOCAIRO_BIN?: string;
  readonly SOFFICE_BIN?: string;
  readonly COURSEWARE_GB: number;
}

interface Found {
  readonly pdftocairoBin?: string | null;
  readonly sofficeBin?: string | null;
}

export function readCourseware(env: Values, found: Found): CoursewareConfig {
  return {
    pdftocairoBin: env.PDFTOCAIRO_BIN ?? found.pdftocairoBin ?? null,
    sofficeBin: env.SOFFICE_BIN ?? found.sofficeBin ?? null,
    quotaBytes: Math.round(env.COURSEWARE_GB * GIGABYTE),
  };
}
