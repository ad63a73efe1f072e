import type { Logger } from 'pino';
import type { RecordingsApi } from '../../protocol/recording.ts';
import { type Courier, openCourier } from '../courier/courier.ts';
import type { Preparation } from '../courseware/open.ts';
import type { Lessons } from '../lessons/lessons.ts';
import { database } from '../store/database.ts';
import { lessonRecords } from '../store/lessons.ts';
import { readLog } from '../store/log.ts';
import { BelievedClock } from './believed-clock.ts';
import { Deletion } from './deletion.ts';
import { OneByOne } from './one-by-one.ts';
import { ReplayReader } from './reader.ts';
import { Retention } from './retention.ts';
import { openReplays, type ReplayService } from './service.ts';

export interface AfterwardsOptions {
  readonly dataDir: string;
  readonly recordings: RecordingsApi;
  readonly lessons: Lessons;
  readonly preparation: Preparation;
  /** Where `vite build` puts the player that works without a server. */
  readonly player: string;
  readonly log: Logger;
  /** Takes what has to be closed, in the opposite order of opening. */
  readonly opened: { add(closer: () => Promise<void>): void };
}

/** What becomes of lessons when they are over: watched, edited, carried elsewhere, deleted. */
export async function openAfterwards(options: AfterwardsOptions): Promise<{
  replays: ReplayService;
  courier: Courier;
  deletion: Deletion;
  clock: BelievedClock;
}> {
  const { dataDir, recordings, lessons, preparation, player, opened } = options;
  const { objects, courseware } = preparation;
  const log = options.log.child({ part: 'replays' });
  const reader = new ReplayReader({ recordings, readLog });
  const work = new OneByOne();
  const clock = new BelievedClock();
  const courier = await openCourier({
    ...{ recordings, reader, objects, dataDir },
    log: options.log.child({ part: 'courier' }),
  });
  const replays = openReplays(
    { recordings, reader, lessons, courier, courseware, objects, player, clock, work },
    log,
  );
  opened.add(() => replays.close());
  const deletion = new Deletion({ recordings, courier, lessons, reader, courseware, log, work });
  opened.add(() => deletion.close());
  const retention = new Retention({ recordings, deletion, records: lessonRecords, clock, log });
  opened.add(() => retention.close());
  await retention.start(database());
  return { replays, courier, deletion, clock };
}
