import assert from 'node:assert/strict';
import { AheadAnswers, type Early } from '../../client/lesson/ahead-answers.ts';
import { ConnectionLost, readAnswer } from '../../client/lesson/answer.ts';
import { Joining } from '../../client/lesson/joining.ts';
import { ConfirmedLog } from '../../client/lesson/log.ts';
import type { Output, RequestName } from '../../protocol/requests.ts';
import { eventually } from '../support/eventually.ts';

const ANSWER: Output<'lesson.join'> = {
  ...{ you: { participant: 'p', part: 'room' }, now: 0, entries: [] },
};

/** A line whose answers the test gives. */
class HeldLine {
  connected = true;
  renewed = 0;
  readonly asked: { answer(): void; lose(): void }[] = [];

  /** What was asked together with connecting. */
  ahead = new AheadAnswers({ requests: [], at: 0 });

  early<N extends RequestName>(name: N): Early<N> | null {
    return this.ahead.take(name);
  }

  ask<N extends RequestName>(name: N): Promise<Output<N>> {
    return new Promise((resolve, reject) => {
      this.asked.push({
        answer: () => resolve(readAnswer(name, { ok: true, data: ANSWER })),
        lose: () => reject(new ConnectionLost()),
      });
    });
  }

  renew(): void {
    this.renewed += 1;
  }
}

describe('joining', () => {
  it('asks again over a connection that took the place of another, and does not give it up', async () => {
    const connection = new HeldLine();
    let joined = 0;
    const joining = new Joining({
      ...{ lesson: 'l', connection, log: new ConfirmedLog(), isJoined: () => joined > 0 },
      answered: () => {},
      joined: async () => {
        joined += 1;
      },
      refused: (error) => assert.fail(error.message),
      report: (error) => assert.fail(String(error)),
    });
    joining.connected();
    // As a connection does that has fallen silent: it is given up in the moment in which there is another.
    connection.asked[0]?.lose();
    joining.connected();
    await eventually(() => connection.asked.length === 2, 'asked over the new one');
    assert.equal(connection.renewed, 0);
    connection.asked[1]?.answer();
    await eventually(() => joined === 1, 'joined');
    joining.close();
  });

  it('takes the answer that came with the connection, and asks for what that did not bring', async () => {
    const connection = new HeldLine();
    const joins: number[] = [];
    const joining = new Joining({
      ...{ lesson: 'l', connection, log: new ConfirmedLog(), isJoined: () => joins.length > 0 },
      answered: () => {},
      joined: async (_you, roundTripMs) => void joins.push(roundTripMs),
      refused: (error) => assert.fail(error.message),
      report: (error) => assert.fail(String(error)),
    });
    const input = joining.ahead();
    assert.deepEqual(input, { lesson: 'l', since: undefined, parts: true });
    const at = performance.now() - 700;
    connection.ahead = new AheadAnswers({ requests: [{ name: 'lesson.join', input }], at });
    joining.connected();
    connection.ahead.answered(0, { ok: true, data: { ...ANSWER, more: true } });
    await eventually(() => connection.asked.length === 1, 'the rest is asked for');
    connection.asked[0]?.answer();
    await eventually(() => joins.length === 1, 'joined');
    assert.equal(connection.asked.length, 1);
    joining.close();
    connection.ahead.lost();
  });
});
