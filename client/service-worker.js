// Keeps the application on this device, so that a room opens over a link that would take minutes to bring it. The
// build puts this file at the root of the site, with PRECACHE filled in (see vite.config.ts).

const PRECACHE = self.__PRECACHE__;
/** What plays a replay: only for those who keep one on this device. */
const REPLAY = self.__REPLAY__;
/** Kept replays lie in caches of their own, named so (client/replay/kept/shelf.ts). */
const KEPT = 'tongke-kept';
const CACHE = 'tongke-assets';
/** Files of lessons' pages by their content, fetched ahead (client/packs) or when they were first looked at. */
const PACKS = 'tongke-packs';
const PAGE_FILE = /^\/courseware\/[^/]+\/([0-9a-f]{64})$/;
const SHELL = '/';
/** The page's own, beside the application: no page waits for a network to have it. */
const GUARD = '/guard.js';
const OWN = [GUARD, '/icon.svg'];
/** A newer page is worth waiting for this long: no more than a school's own network takes. The next opening has it. */
const SHELL_PATIENCE_MS = 300;

self.addEventListener('install', (event) => {
  event.waitUntil(keepShell().then(() => self.skipWaiting()));
});

self.addEventListener('activate', (event) => {
  event.waitUntil(takeOver().then(() => self.clients.claim()));
});

// Said by a page that shows no lesson: what is fetched now takes nothing from a voice.
self.addEventListener('message', (event) => {
  const answer = (done) => event.ports[0]?.postMessage(done);
  const bring = (paths) =>
    event.waitUntil(
      prepare(paths).then(
        () => answer(true),
        () => answer(false),
      ),
    );
  if (event.data === 'prepare') bring(PRECACHE);
  // Said by a page of what it has loaded itself: the browser has it at hand.
  if (Array.isArray(event.data?.keep)) bring(event.data.keep);
  // Said by a page that is about to keep a replay, and waits to hear that it will open without a network.
  if (event.data === 'prepare-replay') bring([...PRECACHE, ...REPLAY]);
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin) return;
  // Fetched ahead by client/packs, which checks and keeps it itself.
  if (url.search === '?ahead') return;
  if (request.mode === 'navigate') event.respondWith(shell(request));
  else if (url.pathname.startsWith('/assets/') || OWN.includes(url.pathname))
    event.respondWith(asset(request));
  else if (PAGE_FILE.test(url.pathname)) event.respondWith(pageFile(event, url));
});

/** Assets carry their content's hash in their names: the one that is here is the right one. */
async function asset(request) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request);
  if (kept) return kept;
  const response = await fetch(request);
  if (response.ok) await cache.put(request, response.clone());
  return response;
}

/** What did not come ahead comes when its page is looked at, and stays. */
async function pageFile(event, url) {
  const cache = await caches.open(PACKS);
  const key = `/courseware/${PAGE_FILE.exec(url.pathname)?.[1]}`;
  // Of a lesson that is kept here it lies with that, under its own address.
  const kept = (await cache.match(key)) ?? (await caches.match(url.pathname));
  if (kept) return kept;
  const response = await fetch(event.request);
  if (response.status === 200) {
    const copy = response.clone();
    event.waitUntil(dated(copy).then((whole) => cache.put(key, whole)));
  }
  return response;
}

/** When it came: what nobody needed for a month is let go (client/packs/pack-store.ts). */
async function dated(response) {
  const headers = new Headers(response.headers);
  headers.set('x-kept-at', String(Date.now()));
  // Unpacked already: what said otherwise would have it unpacked again.
  headers.delete('content-encoding');
  headers.delete('content-length');
  return new Response(await response.blob(), { headers });
}

/** The newest page if it comes soon, else the last that did, whose assets are kept with it. */
async function shell(request) {
  const cache = await caches.open(CACHE);
  const fresh = fetch(request).then(async (response) => {
    const isShell = response.ok && response.headers.get('content-type')?.startsWith('text/html');
    if (isShell && isApplication(request)) await cache.put(SHELL, response.clone());
    return response;
  });
  if (!isApplication(request)) return fresh;
  const kept = await cache.match(SHELL);
  if (!kept) return fresh;
  const late = new Promise((resolve) => setTimeout(() => resolve(kept), SHELL_PATIENCE_MS));
  return Promise.race([fresh.catch(() => kept), late]);
}

/** Pages of the server's own are not the application. */
function isApplication(request) {
  const { pathname } = new URL(request.url);
  return (
    !/^\/(api|trust|replays|courseware|live|socket\.io)(\/|$)/.test(pathname) &&
    !/\.[a-z0-9]+$/i.test(pathname)
  );
}

async function keepShell() {
  const cache = await caches.open(CACHE);
  await cache.addAll([SHELL, ...OWN].map((path) => new Request(path, { cache: 'no-cache' })));
}

/** One after the other, and again where it was broken off: a thin link has other things to do. */
async function prepare(paths) {
  const cache = await caches.open(CACHE);
  for (const path of paths) {
    if (await cache.match(path)) continue;
    const response = await fetch(path, { priority: 'low' });
    if (response.ok) await cache.put(path, response);
  }
}

/** A device with kept replays must never be without what plays them: the new ones first, then the old ones go. */
async function takeOver() {
  const keeps = (await caches.keys()).some((name) => name.startsWith(KEPT));
  try {
    if (keeps) await prepare([...PRECACHE, ...REPLAY]);
    await forgetOthers();
  } catch {
    // The link broke in between: what was here before still plays, and goes with the next build.
  }
}

/** Of builds before the one this file was made with. What was used and is still served comes again by itself. */
async function forgetOthers() {
  const cache = await caches.open(CACHE);
  const current = new Set([...PRECACHE, ...REPLAY, GUARD]);
  for (const request of await cache.keys()) {
    const { pathname } = new URL(request.url);
    if (/\.(js|css)$/.test(pathname) && !current.has(pathname)) await cache.delete(request);
  }
}
