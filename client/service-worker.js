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
/** A newer page than that, until all that it loads is here too: what opens without a link is whole. */
const NEXT = '/?next';
/** Held by every page of this browser that is in a lesson (client/packs/live-lock.ts). */
const LESSON = 'tongke.live';
/** The page's own, beside the application: no page waits for a network to have it. */
const GUARD = '/guard.js';
const OWN = [GUARD, '/icon.svg'];
/** A newer page is worth waiting for this long: no more than a school's own network takes. The next opening has it. */
const SHELL_PATIENCE_MS = 300;

self.addEventListener('install', (event) => {
  event.waitUntil(keepPage().then(() => self.skipWaiting()));
});

self.addEventListener('activate', (event) => {
  event.waitUntil(takeOver().then(() => self.clients.claim()));
});

self.addEventListener('message', (event) => {
  const answer = (done) => event.ports[0]?.postMessage(done);
  const bring = (work) =>
    event.waitUntil(
      work.then(
        () => answer(true),
        () => answer(false),
      ),
    );
  if (event.data === 'prepare') bring(keepWhole());
  // Said by a page of what it has loaded itself: the browser has it at hand.
  if (Array.isArray(event.data?.keep)) bring(keep(event.data.keep).then(takeNext));
  // Said by a page that is about to keep a replay, and waits to hear that it will open without a network.
  if (event.data === 'prepare-replay') bring(keepWhole(REPLAY));
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
  if (kept && !isForeign(kept)) return kept;
  const response = await fetch(request);
  if (response.ok && !isForeign(response)) await cache.put(request, response.clone());
  return response;
}

/** A network that wants people to sign in to it answers every question with a page, and says that all is well. */
function isForeign(response) {
  return response.headers.get('content-type')?.startsWith('text/html') ?? false;
}

async function isHere(path) {
  const kept = await (await caches.open(CACHE)).match(path);
  return kept !== undefined && !isForeign(kept);
}

/** What did not come ahead comes when its page is looked at, and stays. */
async function pageFile(event, url) {
  const cache = await caches.open(PACKS);
  const sha256 = PAGE_FILE.exec(url.pathname)?.[1];
  const key = `/courseware/${sha256}`;
  // Of a lesson that is kept here it lies with that, under its own address.
  const kept = (await cache.match(key)) ?? (await caches.match(url.pathname));
  if (kept) return kept;
  const response = await fetch(event.request);
  if (response.status === 200) {
    const copy = response.clone();
    event.waitUntil(keepRight(copy, { cache, key, sha256 }));
  }
  return response;
}

/** Only what it should be: it is never asked for again. */
async function keepRight(response, { cache, key, sha256 }) {
  const content = await response.blob();
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', await content.arrayBuffer()));
  if ([...hash].map((byte) => byte.toString(16).padStart(2, '0')).join('') !== sha256) return;
  const headers = new Headers(response.headers);
  // When it came: what nobody needed for a month is let go (client/packs/pack-store.ts).
  headers.set('x-kept-at', String(Date.now()));
  // Unpacked already: what said otherwise would have it unpacked again.
  headers.delete('content-encoding');
  headers.delete('content-length');
  await cache.put(key, new Response(content, { headers }));
}

/** The newest page if it comes soon, else the last of which all is here. */
async function shell(request) {
  if (!isApplication(request)) return fetch(request);
  const cache = await caches.open(CACHE);
  const kept = await cache.match(SHELL);
  const fresh = fetch(request).then(async (response) => {
    if (!(await assetsOf(response))) return kept && isOfNoUse(response, request) ? kept : response;
    await cache.put(kept ? NEXT : SHELL, response.clone());
    await takeNext();
    return response;
  });
  if (!kept) return fresh;
  const late = new Promise((resolve) => setTimeout(() => resolve(kept), SHELL_PATIENCE_MS));
  return Promise.race([fresh.catch(() => kept), late]);
}

/** What a page of the application loads first; null of a page that is none. */
async function assetsOf(response) {
  if (!response.ok || !isForeign(response)) return null;
  const html = await response.clone().text();
  return html.includes(`"${GUARD}"`) ? (html.match(/\/assets\/[^"']+/g) ?? []) : null;
}

/** A network's own page is for people to sign in on it. Nobody stands at a room's screen, and a gateway's error helps nobody. */
function isOfNoUse({ status }, request) {
  const signIn = 511;
  return /^\/room(\/|$)/.test(new URL(request.url).pathname) || (status >= 500 && status !== signIn);
}

/** Pages of the server's own are not the application. */
function isApplication(request) {
  const { pathname } = new URL(request.url);
  return (
    !/^\/(api|trust|replays|courseware|live|socket\.io)(\/|$)/.test(pathname) &&
    !/\.[a-z0-9]+$/i.test(pathname)
  );
}

/** A page that is here stays the one to open until all of the newer one is here. */
async function keepPage() {
  const cache = await caches.open(CACHE);
  for (const path of OWN) {
    const response = await fetch(path, { cache: 'no-cache' });
    if (!response.ok || isForeign(response)) throw new Error(`${path}: not from the server`);
    await cache.put(path, response);
  }
  const page = await fetch(SHELL, { cache: 'no-cache' });
  if (!(await assetsOf(page))) throw new Error('the page is not from the server');
  await cache.put((await cache.match(SHELL)) ? NEXT : SHELL, page);
  await takeNext();
}

async function takeNext() {
  const cache = await caches.open(CACHE);
  const next = await cache.match(NEXT);
  const assets = next && (await assetsOf(next));
  if (!assets) return;
  for (const path of assets) if (!(await isHere(path))) return;
  await cache.put(SHELL, next);
  await cache.delete(NEXT);
}

/** One after the other, and again where it was broken off: a thin link has other things to do. */
async function keep(paths, mayGoOn = () => true) {
  const cache = await caches.open(CACHE);
  for (const path of paths) {
    if (await isHere(path)) continue;
    if (!(await mayGoOn())) throw new Error('a lesson has begun');
    const response = await fetch(path, { priority: 'low' });
    if (isForeign(response)) throw new Error(`${path}: not from the server`);
    if (response.ok) await cache.put(path, response);
  }
}

/** All of the application, and then nothing of those before. What is fetched takes nothing from a voice: it waits for the next time. */
async function keepWhole(more = []) {
  await keep([...PRECACHE, ...more], async () => {
    const { held } = await navigator.locks.query();
    return !held.some(({ name }) => name === LESSON);
  });
  await takeNext();
  await forgetOthers();
}

/** A device with kept replays must never be without what plays them: the new ones first, then the old ones go. */
async function takeOver() {
  try {
    if (await keepsReplays()) await keepWhole(REPLAY);
  } catch {
    // The link broke in between: what was here before still plays, and goes with the next build.
  }
}

async function keepsReplays() {
  return (await caches.keys()).some((name) => name.startsWith(KEPT));
}

/** Of builds before the one this file was made with. What was used and is still served comes again by itself. */
async function forgetOthers() {
  const cache = await caches.open(CACHE);
  const current = new Set([...PRECACHE, ...REPLAY, GUARD]);
  const page = await cache.match(SHELL);
  // A page that is opened from here needs its own; so does what plays kept replays.
  const needed = [...((page && (await assetsOf(page))) ?? []), ...((await keepsReplays()) ? REPLAY : [])];
  for (const path of needed) if (!current.has(path) || !(await isHere(path))) return;
  for (const request of await cache.keys()) {
    const { pathname } = new URL(request.url);
    if (/\.(js|css)$/.test(pathname) && !current.has(pathname)) await cache.delete(request);
  }
}
