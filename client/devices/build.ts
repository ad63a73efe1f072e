import { note } from './journal.ts';

/** The build of these pages: its first script is named by what is in it, and in all that it leads to. */
export function build(): string {
  const script = document.querySelector<HTMLScriptElement>('script[type="module"][src]');
  return /-([\w-]+)\.js$/.exec(script?.src ?? '')?.[1] ?? 'dev';
}

/** Opened so often in vain, a build is left alone until the server names another. */
const TRIES = 3;
const TRIED = 'tongke.build-tried';
const PREPARED_MS = 15 * 60_000;

/** Brings this screen to the build that the server gives it: fetched and opened while no lesson runs. */
export class BuildChange {
  #inLesson = false;
  #fetching = false;
  #ready = false;
  #wanted: string | null = null;
  readonly #report: (error: unknown) => void;

  constructor(report: (error: unknown) => void) {
    this.#report = report;
  }

  /** The server says which build this screen should run. */
  told(wanted: string): void {
    if (wanted === build()) {
      sessionStorage.removeItem(TRIED);
      this.#ready = false;
      this.#wanted = null;
      return;
    }
    if (this.#wanted === wanted || triesOf(wanted) >= TRIES) return;
    this.#wanted = wanted;
    this.#ready = false;
    note(`given the build ${wanted}`);
    this.#goOn();
  }

  setInLesson(inLesson: boolean): void {
    this.#inLesson = inLesson;
    this.#goOn();
  }

  #goOn(): void {
    const wanted = this.#wanted;
    if (this.#inLesson || this.#fetching || wanted === null) return;
    if (this.#ready) this.#open(wanted);
    else this.#fetch(wanted);
  }

  #fetch(wanted: string): void {
    this.#fetching = true;
    fetchAhead()
      .catch(this.#report) // opened nevertheless: what is missing then comes with the page
      .finally(() => {
        this.#fetching = false;
        // What a lesson has stopped goes on after it.
        this.#ready = this.#wanted === wanted && !this.#inLesson;
        this.#goOn();
      });
  }

  #open(wanted: string): void {
    sessionStorage.setItem(TRIED, `${wanted} ${triesOf(wanted) + 1}`);
    location.reload();
  }
}

function triesOf(wanted: string): number {
  const [name, tries] = (sessionStorage.getItem(TRIED) ?? '').split(' ');
  return name === wanted ? Number(tries) : 0;
}

/** The service worker of the build that the server gives, with all that belongs to it, while these pages still run. */
async function fetchAhead(): Promise<void> {
  if (!('serviceWorker' in navigator)) return;
  const registration = await navigator.serviceWorker.getRegistration();
  if (!registration) return;
  await registration.update();
  const coming = registration.installing ?? registration.waiting;
  if (coming) await settled(coming);
  const { active } = registration;
  if (!active) return;
  const { port1, port2 } = new MessageChannel();
  const prepared = new Promise<void>((resolve, reject) => {
    port1.onmessage = ({ data }) => (data === true ? resolve() : reject(new Error('not all was fetched')));
    setTimeout(() => reject(new Error('the service worker did not answer')), PREPARED_MS);
  });
  active.postMessage('prepare', [port2]);
  await prepared;
}

function settled(worker: ServiceWorker): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (worker.state === 'activated' || worker.state === 'redundant') resolve();
    };
    worker.addEventListener('statechange', look);
    look();
  });
}
