const QUIET_MS = 10_000; // without a terminal, at most a line every ten seconds
const FRAME_MS = 500;

/** Milliseconds as `0.4 s`, `37 s` or `4:07`. */
export function elapsed(ms) {
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/**
 * Shows one step while `work` runs. `work` is given `update(detail)`, with which it says how far it is, such as
 * `43%`. On a terminal the line is rewritten in place; elsewhere (a service's journal, CI) lines are added sparingly.
 *
 * @template Result
 * @param {string} title
 * @param {(update: (detail: string) => void) => Promise<Result>} work
 * @param {{ write(text: string): unknown, isTTY?: boolean, columns?: number }} [stream]
 * @returns {Promise<Result>}
 */
export async function step(title, work, stream = process.stdout) {
  const started = Date.now();
  const live = Boolean(stream.isTTY);
  let detail = '';
  let lastShown = started;
  const show = () => {
    const now = Date.now();
    if (!live && now - lastShown < QUIET_MS) return;
    lastShown = now;
    const line = `… ${title}${detail ? `: ${detail}` : ''} (${elapsed(now - started)})`;
    stream.write(live ? `\r\x1b[2K${line.slice(0, (stream.columns ?? 80) - 1)}` : `${line}\n`);
  };
  stream.write(live ? `… ${title}` : `… ${title}\n`);
  const timer = setInterval(show, FRAME_MS);
  const finish = (mark) => {
    clearInterval(timer);
    stream.write(`${live ? '\r\x1b[2K' : ''}${mark} ${title} (${elapsed(Date.now() - started)})\n`);
  };
  try {
    const result = await work((text) => {
      detail = text;
    });
    finish('✔');
    return result;
  } catch (error) {
    finish('✘');
    throw error;
  }
}

/** One line of information under the steps. */
export function note(text, stream = process.stdout) {
  stream.write(`  ${text}\n`);
}
