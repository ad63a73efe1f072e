import express, { type Express, type RequestHandler } from 'express';
import type { Logger } from 'pino';
import { pinoHttp } from 'pino-http';
import { TongkeError } from '../../protocol/errors.ts';
import type { MediaApi } from '../../protocol/media.ts';
import type { RecordingsApi } from '../../protocol/recording.ts';
import type { Auth } from '../auth/auth.ts';
import type { OriginOptions } from '../auth/origin.ts';
import type { Setup } from '../auth/setup.ts';
import type { Courier } from '../courier/courier.ts';
import { courierUploads } from '../courier/uploads.ts';
import type { Preparation } from '../courseware/open.ts';
import type { DeviceService } from '../devices/service.ts';
import type { Lessons } from '../lessons/lessons.ts';
import type { LessonRecords } from '../lessons/record.ts';
import type { BelievedClock } from '../replays/believed-clock.ts';
import type { Deletion } from '../replays/deletion.ts';
import type { Quotas } from '../replays/quotas.ts';
import type { ReplayService } from '../replays/service.ts';
import { errorHandler } from './answer.ts';
import { createApi } from './api.ts';
import { auditRefusals } from './audit.ts';
import { coursewareFiles, coursewareUploads } from './courseware-files.ts';
import { roomsCsv, seriesCsv } from './csv.ts';
import { archiveFile, captionFile, logFile, packageFile, replayFiles } from './files.ts';
import { createFormerPages, createGivenPages } from './given-pages.ts';
import { afterLessonRoutes } from './handlers/after-lesson.ts';
import { alertRoutes } from './handlers/alerts.ts';
import { courierRoutes } from './handlers/courier.ts';
import { coursewareRoutes } from './handlers/courseware.ts';
import { deviceRoutes } from './handlers/devices.ts';
import { fleetRoutes } from './handlers/fleet.ts';
import { lessonRoutes } from './handlers/lessons.ts';
import { linkRoutes } from './handlers/links.ts';
import { packRoutes } from './handlers/packs.ts';
import { replayFileRoutes } from './handlers/replay-files.ts';
import { replayRoutes } from './handlers/replays.ts';
import { roomRoutes } from './handlers/rooms.ts';
import { sessionRoutes } from './handlers/session.ts';
import { storageRoutes } from './handlers/storage.ts';
import { timetableRoutes } from './handlers/timetable.ts';
import { tokenRoutes } from './handlers/tokens.ts';
import { updateRoutes } from './handlers/updates.ts';
import { watchingRoutes } from './handlers/watching.ts';
import { obstacles } from './health.ts';
import { liveVoice } from './live-voice.ts';
import { createMetrics, type MetricsOptions } from './metrics.ts';
import { createApiDocs } from './openapi.ts';
import { paced } from './paced.ts';
import { createPages } from './pages.ts';
import { securityHeaders } from './security.ts';
import { createTrustPage, type TrustOptions } from './trust.ts';

export interface AppOptions {
  readonly auth: Auth;
  readonly setup: Setup;
  readonly lessons: Lessons;
  readonly records: LessonRecords;
  readonly recordings: RecordingsApi;
  readonly replays: ReplayService;
  readonly clock: Pick<BelievedClock, 'warnings'>;
  readonly courier: Courier;
  readonly deletion: Deletion;
  readonly quotas: Quotas;
  readonly media: MediaApi;
  readonly demoPassword: string | null;
  readonly origin: OriginOptions;
  readonly trustProxy: false | number | readonly string[];
  /** Where devices learn to trust this server; null where its certificate is trusted already. */
  readonly trust: TrustOptions | null;
  /** Where `vite build` puts the client; absolute. */
  readonly pages: string;
  readonly devices: DeviceService;
  readonly preparation: Preparation;
  readonly endDevice: (device: string) => void;
  readonly metrics: MetricsOptions;
  readonly log: Logger;
}

/** Everything the server answers over HTTP, except sockets. */
export function createApp(options: AppOptions): Express {
  const { auth, lessons, records, recordings, devices, preparation, endDevice, log } = options;
  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', options.trustProxy);
  app.set('query parser', 'simple');

  app.use(securityHeaders(options.origin));
  app.get('/healthz', (_request, response) => void response.json({ ok: true }));
  app.get('/readyz', readiness(options.media, [recordings, options.clock]));
  app.use(requestLog(log));
  if (options.trust) app.use('/trust', createTrustPage(options.trust));

  const handlers = {
    ...sessionRoutes(options),
    ...lessonRoutes(recordings),
    ...replayRoutes(options.replays.reader),
    ...afterLessonRoutes({ ...options.replays, records }),
    ...storageRoutes(options),
    ...courierRoutes(options),
    ...replayFileRoutes(options.replays.reader),
    ...watchingRoutes(),
    ...deviceRoutes({ auth, ...devices, endDevice }),
    ...roomRoutes({ ...devices, lessons }),
    ...linkRoutes(lessons),
    ...timetableRoutes(devices.timetable),
    ...alertRoutes(devices),
    ...packRoutes(options.pages),
    ...coursewareRoutes(preparation.courseware, preparation.boards),
    ...fleetRoutes({ ...devices, lessons, log }),
    ...tokenRoutes(),
    ...updateRoutes(devices.updates),
  };
  app.get('/metrics', createMetrics(options.metrics));
  app.use('/api', createApiDocs());
  app.get('/api/v1/rooms.csv', auth.middleware, roomsCsv(auth, devices.directory));
  app.get('/api/v1/rooms/:room/devices/:device/series.csv', auth.middleware, seriesCsv(auth));
  const refused = auditRefusals(log);
  app.use('/api/v1', auth.middleware, createApi({ auth, records, handlers, refused }));
  const atPace = paced({ auth, downloads: lessons.downloads });
  app.use(['/replays', '/courseware', '/courier/packages'], auth.middleware, atPace);
  const files = { auth, records, reader: options.replays.reader };
  app.get('/replays/:lesson/captions/:track', captionFile(files));
  app.get('/replays/:lesson/archive.zip', archiveFile({ ...files, archives: options.replays.archives }));
  const uploads = courierUploads(auth, options.courier.uploads);
  app.get('/courier/uploads/:upload', auth.middleware, uploads);
  app.patch('/courier/uploads/:upload', auth.middleware, uploads);
  app.get('/courier/packages/:name', packageFile({ ...files, courier: options.courier }));
  app.get('/replays/:lesson/log', logFile(files, 'replay.watch'));
  app.get('/replays/:lesson/original/log', logFile(files, 'replay.original'));
  app.get('/replays/:lesson/*name', replayFiles(files));
  const pageFiles = { auth, records, ...preparation, reader: files.reader };
  app.get('/courseware/:lesson/:sha256', coursewareFiles(pageFiles));
  app.patch('/courseware/:lesson/uploads/:courseware', coursewareUploads(pageFiles));
  app.get('/live/:lesson/voice', auth.middleware, liveVoice(options));
  app.use(['/api', '/replays', '/courseware', '/live'], () => {
    throw new TongkeError('unknown_request');
  });

  app.use(paced({ auth, downloads: lessons.downloads, ofApplication: true }));
  app.use(createGivenPages({ ...devices, identify: auth.identify, log }));
  app.use(createPages(options.pages));
  app.use(createFormerPages(devices.builds));
  app.use(() => {
    throw new TongkeError('not_found');
  });
  app.use(errorHandler(log));
  return app;
}

function readiness(media: MediaApi, told: readonly { warnings(): string[] }[]): RequestHandler {
  return async (_request, response) => {
    const reasons = await obstacles(media);
    response
      .status(reasons.length === 0 ? 200 : 503)
      .set('Cache-Control', 'no-store')
      .json({ ok: reasons.length === 0, reasons, warnings: told.flatMap((one) => one.warnings()) });
  };
}

/** One line a request: no headers, no query, no body, so that neither cookie nor password can be in it. */
function requestLog(log: Logger): RequestHandler {
  return pinoHttp({
    logger: log,
    customLogLevel: (_request, response, error) =>
      error || response.statusCode >= 500 ? 'error' : response.statusCode >= 400 ? 'info' : 'debug',
    serializers: {
      req: (request) => ({
        method: request.method,
        path: request.url.split('?')[0],
        address: request.remoteAddress,
      }),
      res: (response) => ({ status: response.statusCode }),
    },
  });
}
