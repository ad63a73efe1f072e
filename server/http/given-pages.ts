import type { IncomingMessage } from 'node:http';
import { extname } from 'node:path';
import type { RequestHandler, Router } from 'express';
import type { Identity } from '../auth/auth.ts';
import type { Builds } from '../devices/builds.ts';
import type { Updates } from '../devices/updates.ts';
import type { Log } from '../log.ts';
import { createPages } from './pages.ts';

export interface GivenPagesOptions {
  readonly updates: Pick<Updates, 'pagesFor'>;
  readonly log: Log;
  identify(request: IncomingMessage): Promise<Identity | null>;
}

/**
 * The page and the service worker of a room's screen, of the build that it is given. All else is named by its content,
 * and the same for everyone.
 */
export function createGivenPages({ updates, log, identify }: GivenPagesOptions): RequestHandler {
  const pages = pagesByDirectory();
  return async (request, response, next) => {
    const decides = extname(request.path) === '' || request.path === '/service-worker.js';
    if (!decides || request.method !== 'GET' || request.headers.cookie === undefined) return next();
    try {
      const device = (await identify(request))?.device;
      const directory = device === undefined ? null : await updates.pagesFor(device);
      if (directory === null) return next();
      await pages(directory)(request, response, next);
    } catch (error) {
      // The newest is better than none; the screen hears which one to run as soon as it has a line.
      log.warn({ err: error }, 'a screen was given the newest pages');
      next();
    }
  };
}

/** What is in no newest build may be of a former one, which some page that is open still has. */
export function createFormerPages(builds: Pick<Builds, 'formerDirectories'>): RequestHandler {
  const pages = pagesByDirectory();
  return (request, response, next) => {
    const among = builds.formerDirectories();
    const from = (i: number): void => {
      const directory = among[i];
      if (directory === undefined) next();
      else pages(directory)(request, response, (error?: unknown) => (error ? next(error) : from(i + 1)));
    };
    from(0);
  };
}

function pagesByDirectory(): (directory: string) => Router {
  const made = new Map<string, Router>();
  return (directory) => {
    const router = made.get(directory) ?? createPages(directory);
    made.set(directory, router);
    return router;
  };
}
