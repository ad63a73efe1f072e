import assert from 'node:assert/strict';
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
});
