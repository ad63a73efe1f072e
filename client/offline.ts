/** Addresses at which a lesson is being taught: nothing is fetched ahead while one is. */
const IN_LESSON = /^\/(teach|seat|room|watch)(\/|$)/;
/** The screen that was asked for comes first. */
const AFTER_MS = 5_000;
/** Whatever this page is made of has come by then, over the thinnest of links. */
const LATE_MS = 60_000;

/** Keeps the application on this device; browsers let only secure origins (and localhost) do so. */
export async function keepForOffline(): Promise<void> {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  try {
    await navigator.serviceWorker.register('/service-worker.js');
  } catch (error) {
    // Where the certificate is not trusted yet, for one: everything works, from the network.
    console.warn('The application is not kept on this device', error);
    return;
  }
  const { active } = await navigator.serviceWorker.ready;
  // What this page was made of before anything was kept: it must open again without a link, in mid-lesson above all.
  const keep = () => active?.postMessage({ keep: loadedAssets() });
  keep();
  // What was on its way just then is in no list yet, and did not pass through the worker: on a thin link, most of a face.
  setTimeout(keep, LATE_MS);
  setTimeout(() => {
    keep();
    if (!IN_LESSON.test(location.pathname)) active?.postMessage('prepare');
  }, AFTER_MS);
}

/** Fetches what is not here yet of the application. For a page that knows that nobody waits for anything. */
export async function keepWhole(): Promise<void> {
  const registration = await navigator.serviceWorker?.getRegistration();
  registration?.active?.postMessage('prepare');
}

/** Opens the page anew, as the server has it: for a page that is too old to be of use, however long that takes. */
export async function openNewest(): Promise<void> {
  try {
    const cache = await globalThis.caches?.open('tongke-assets'); // see client/service-worker.js
    await cache?.delete('/');
  } finally {
    location.reload();
  }
}

function loadedAssets(): string[] {
  return performance.getEntriesByType('resource').flatMap(({ name }) => {
    const { origin, pathname } = new URL(name);
    return origin === location.origin && pathname.startsWith('/assets/') ? pathname : [];
  });
}
