import type { Output, RequestName } from '../../protocol/requests.ts';
import { ANSWER_TIMEOUT_MS, ConnectionLost, readAnswer } from './answer.ts';
import type { Ahead } from './dialler.ts';

/** What was asked together with connecting. Rejects as an answer to a request does. */
export interface Early<N extends RequestName> {
  readonly answer: Promise<Output<N>>;
  /** `performance.now()` when it was asked. */
  readonly askedAt: number;
}

interface Asked {
  readonly name: string;
  readonly answer: Promise<unknown>;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
  isTaken: boolean;
}

/** The answers to what one connection was asked ahead. */
export class AheadAnswers {
  readonly #askedAt: number;
  readonly #asked: readonly Asked[];
  readonly #timer: ReturnType<typeof setTimeout>;

  constructor({ requests, at }: Ahead) {
    this.#askedAt = at;
    this.#asked = requests.map(({ name }) => waitFor(name));
    this.#timer = setTimeout(() => this.lost(), ANSWER_TIMEOUT_MS);
  }

  /** Once: who asks again wants to know how it is now. Null where it was not asked. */
  take<N extends RequestName>(name: N): Early<N> | null {
    const asked = this.#asked.find((each) => each.name === name && !each.isTaken);
    if (!asked) return null;
    asked.isTaken = true;
    return { answer: asked.answer.then((answer) => readAnswer(name, answer)), askedAt: this.#askedAt };
  }

  answered(place: number, answer: unknown): void {
    this.#asked[place]?.resolve(answer);
  }

  /** None comes any more. */
  lost(): void {
    clearTimeout(this.#timer);
    for (const { reject } of this.#asked) reject(new ConnectionLost());
  }
}

function waitFor(name: string): Asked {
  let [resolve, reject]: [Asked['resolve'], Asked['reject']] = [() => {}, () => {}];
  const answer = new Promise<unknown>((done, failed) => {
    [resolve, reject] = [done, failed];
  });
  answer.catch(() => undefined); // rejects to who takes it, if anyone does
  return { name, answer, resolve, reject, isTaken: false };
}
