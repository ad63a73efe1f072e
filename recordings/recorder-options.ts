import type { Db } from 'mongodb';
import type { MediaApi } from '../protocol/media.ts';
import type { ObjectStore } from '../protocol/storage.ts';
import type { RecorderLog } from './log.ts';

export interface RecorderOptions {
  /** Where the lessons' folders go; made where it is missing. One recorder at a time has it. */
  readonly directory: string;
  readonly media: MediaApi;
  /** Of the job queue; everything else is in files. */
  readonly database: Db;
  readonly ffmpegBin: string;
  readonly ffprobeBin: string;
  readonly log: RecorderLog;
  /** Bytes of disk that recording leaves to others. */
  readonly reserveBytes?: number;
  /** Bytes left on the disk; asks the system where it is not given. */
  readonly freeBytes?: () => Promise<number>;
  /** How often the disk is looked at, ms. */
  readonly diskCheckMs?: number;
  /** How long a failed recording waits before it is tried again, ms. */
  readonly retryMs?: number;
  /** How long a failed rendition waits before it is tried again, ms. */
  readonly renditionRetryMs?: number;
  /** How often what failed for good is tried again, ms. */
  readonly againMs?: number;
  /** Where finished recordings go; absent: they stay in their folders. */
  readonly store?: ObjectStore;
  /** Whether pictures wait while a lesson is live; by default where the machine has few cores. */
  readonly picturesWait?: boolean;
  /** By which recordings are read over; the wall's where it is not given. */
  readonly scrubClock?: () => number;
  /** How long after the start a lesson that was cut off may take to be followed again where nobody says which are, ms. */
  readonly orphanMs?: number;
}

export const RESERVE_BYTES = 256 * 1024 * 1024;
export const RETRY_MS = 30_000;
export const DISK_CHECK_MS = 10_000;
export const RENDITION_RETRY_MS = 15_000;
export const AGAIN_MS = 24 * 60 * 60_000;
export const ORPHAN_MS = 120_000;
export const SCHEDULE_RETRY_MS = 15_000;
/** A store that is away is asked again so often, ms. */
export const STORE_RETRY_MS = 60_000;
/** How often the disk, and whether the store answers, is looked at where nothing is recorded, ms. */
export const IDLE_DISK_MS = 60_000;
/** With fewer, an encoder is felt in a lesson, however nice it is. */
export const CORES_FOR_BOTH = 4;
/** So many voices are made in AAC past the queue, so that their segments come while they are waited for. */
export const AACS_AT_ONCE = 4;
/** How soon pictures that wait for a lesson are thought of again, ms. */
export const PICTURE_WAIT_MS = 5_000;
/** After its end a lesson can be watched on, as it was being watched while it was live, for so long. */
export const LIVE_KEPT_MS = 60 * 60_000;
