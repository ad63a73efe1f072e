import { createWorker } from 'mediasoup';
import type { Router, Worker } from 'mediasoup/types';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { type BuiltPages, buildPages } from '../../client/pages.ts';
import { launchChromium } from '../../support/chromium.ts';
import { mediaThroughLink } from '../../support/link/browser.ts';
import { createLink, type Link } from '../../support/link/link.ts';
import type { LinkOptions } from '../../support/link/options.ts';
import { watchReception } from '../../support/reception.ts';
import { speechFile } from '../../support/speech.ts';

/**
 * What a lesson is compared with: mediasoup and its client as their documentation begins with them. Opus in 20 ms
 * frames, a camera in three layers, transports and consumers without options, no policy. Its signalling goes around
 * the link, which is in its favour.
 */
export class BareClassroom {
  readonly receiver: Page;
  readonly #close: () => Promise<void>;

  private constructor(receiver: Page, close: () => Promise<void>) {
    this.receiver = receiver;
    this.#close = close;
  }

  static async open(options: LinkOptions): Promise<BareClassroom> {
    const worker = await createWorker({ workerBin: process.env.MEDIASOUP_WORKER_BIN, logLevel: 'error' });
    const router = await worker.createRouter({
      mediaCodecs: [
        { kind: 'audio', mimeType: 'audio/opus', clockRate: 48_000, channels: 2 },
        { kind: 'video', mimeType: 'video/VP8', clockRate: 90_000 },
      ],
    });
    const [pages, voice] = await Promise.all([buildPages(), speechFile()]);
    const browser = await launchChromium({ voice });
    const link = createLink(options);
    const close = () => closeAll(worker, pages, browser, link);
    try {
      const producers = await send(await pageOf(await browser.newContext(), pages, router));
      const context = await browser.newContext();
      await mediaThroughLink(context, link);
      const receiver = await pageOf(context, pages, router);
      await receiver.evaluate((ids) => window.barePage.receive(ids), producers);
      return new BareClassroom(receiver, close);
    } catch (error) {
      await close();
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#close();
  }
}

async function closeAll(worker: Worker, pages: BuiltPages, browser: Browser, link: Link): Promise<void> {
  await browser.close();
  await link.close();
  await pages.close();
  worker.close();
}

const ORIGIN = 'http://127.0.0.1:9';

async function pageOf(context: BrowserContext, pages: BuiltPages, router: Router): Promise<Page> {
  await watchReception(context);
  await context.route(`${ORIGIN}/**`, async (route) => {
    const page = await pages.read(new URL(route.request().url()).pathname);
    await route.fulfill(page ? { body: page.body, contentType: page.type } : { status: 404 });
  });
  await context.exposeFunction('bareRequest', (name: string, input: never) => answer(router, name, input));
  const page = await context.newPage();
  await page.goto(`${ORIGIN}/bare.html`);
  return page;
}

async function send(page: Page): Promise<string[]> {
  return await page.evaluate(() => window.barePage.send());
}

/** Transports, producers and consumers of a router, by their ids. */
const transports = new Map<string, Awaited<ReturnType<Router['createWebRtcTransport']>>>();
const consumers = new Map<string, { resume(): Promise<void> }>();

async function answer(router: Router, name: string, input: never): Promise<unknown> {
  switch (name) {
    case 'capabilities':
      return router.rtpCapabilities;
    case 'open': {
      const transport = await router.createWebRtcTransport({
        listenInfos: [{ protocol: 'udp', ip: '127.0.0.1' }],
      });
      transports.set(transport.id, transport);
      const { id, iceParameters, iceCandidates, dtlsParameters } = transport;
      return { id, iceParameters, iceCandidates, dtlsParameters };
    }
    case 'connect':
      await transportOf(input).connect(input);
      return {};
    case 'produce':
      return (await transportOf(input).produce(input)).id;
    case 'consume': {
      const consumer = await transportOf(input).consume(input);
      consumers.set(consumer.id, consumer);
      const { id, producerId, kind, rtpParameters } = consumer;
      return { id, producerId, kind, rtpParameters };
    }
    case 'resume':
      await consumers.get((input as { consumer: string }).consumer)?.resume();
      return {};
    default:
      throw new Error(`no ${name}`);
  }
}

function transportOf(input: { transport: string }) {
  const transport = transports.get(input.transport);
  if (!transport) throw new Error('no such transport');
  return transport;
}
