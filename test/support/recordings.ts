import type { RecordingsApi } from '../../protocol/recording.ts';

/** In place of a recorder: nothing is recorded. */
export const noRecordings: RecordingsApi = {
  follow() {},
  resumed() {},
  recording: async () => null,
  isUnfinished: () => false,
  original: async () => null,
  cut: async () => {},
  erase: async () => {},
  file: async () => null,
  space: async () => null,
  remove: async () => {},
  disk: async () => ({ freeBytes: 1e12, minutes: 1e6, low: false, away: false }),
  bring: async () => {},
  join: async () => {},
  voiceFiles: async () => [],
  isIntact: async () => true,
  damage: () => [],
  tryAgain: async () => false,
  warnings: () => [],
  close: async () => {},
};
