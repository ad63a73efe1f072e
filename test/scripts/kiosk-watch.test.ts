import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as passed } from 'node:timers/promises';
import { eventually } from '../support/eventually.ts';

const LOOK_MS = 100;
/** More looks than it takes for a page to be called dead. */
const LONG_MS = 10 * LOOK_MS;

describe("the watch over a classroom's page", () => {
  let profile: string;
  let watch: ChildProcess;
  let said = '';

  before(() => {
    profile = mkdtempSync(join(tmpdir(), 'tongke-profile-'));
    mkdirSync(join(profile, 'Default/IndexedDB/https_school.indexeddb.leveldb'), { recursive: true });
    watch = spawn('scripts/kiosk/watch.sh', [profile, String(LOOK_MS / 1000), 'echo', 'RESTARTED']);
    watch.stdout?.on('data', (chunk) => {
      said += String(chunk);
    });
  });

  after(async () => {
    watch.kill();
    await once(watch, 'exit');
    rmSync(profile, { recursive: true });
  });

  const restarts = () => said.split('\n').filter((line) => line === 'RESTARTED').length;

  async function live(ms: number): Promise<void> {
    for (let at = 0; at < ms; at += LOOK_MS / 2) {
      appendFileSync(join(profile, 'Default/IndexedDB/https_school.indexeddb.leveldb/000003.log'), 'beat');
      await passed(LOOK_MS / 2);
    }
  }

  it('leaves alone what has not begun, and what writes', async () => {
    await passed(LONG_MS);
    await live(LONG_MS);
    assert.equal(restarts(), 0);
  });

  it('starts the browser again once what wrote is silent, and then waits until it writes', async () => {
    await eventually(async () => restarts() === 1, 'started again', LONG_MS * 3);
    await passed(LONG_MS);
    assert.equal(restarts(), 1, 'a first opening takes its time');
    await live(LOOK_MS * 2);
    await eventually(async () => restarts() === 2, 'started again', LONG_MS * 3);
  });
});
