// Apart from the application, since it is there for when that does not start: the screen of a room, which nobody
// stands at, is loaded anew, and is then given whichever build the server has for it (client/devices/build.ts).

/** Longer than the application takes over a link of 64 kbit/s. */
const LOOK_MS = 4 * 60_000;
/** So many looks in a row without the device's line, though the server answers. */
const LOOKS_WITHOUT_LINE = 3;

/** scripts/kiosk/watch.sh takes a page that writes nothing for 90 s for dead. */
const BEAT_MS = 15_000;

let without = 0;
if (/^\/room(\/|$)/.test(location.pathname)) {
  setInterval(look, LOOK_MS);
  beat();
}

async function look() {
  const page = document.documentElement;
  const started = document.getElementById('root')?.childElementCount > 0;
  const isDevice = localStorage.getItem('tongke.device') !== null;
  without = isDevice && !page.hasAttribute('data-line') ? without + 1 : 0;
  if (page.hasAttribute('data-in-lesson')) return;
  if (started && without < LOOKS_WITHOUT_LINE) return;
  const response = await fetch('/healthz', { cache: 'no-store' }).catch(() => null);
  if (response?.ok) location.reload();
}

/** Writes a number into a file of the browser's, again and again. Not into localStorage, which is written once a minute. */
function beat() {
  const opening = indexedDB.open('tongke-beat', 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore('beats');
  opening.onsuccess = () => {
    const write = () =>
      opening.result.transaction('beats', 'readwrite').objectStore('beats').put(Date.now(), 'last');
    write();
    setInterval(write, BEAT_MS);
  };
}
