import { remember, remembered } from '../ui/remember.ts';

/*
 * What this page has noted of late, for whoever asks from afar why it did what it did. Kept over a reload and a crash:
 * the last lines before one are those that are wanted.
 */

const KEY = 'device-journal';
const LINES = 200;
const LINE_LENGTH = 300;

const lines: string[] = (remembered(KEY) ?? '').split('\n').filter((line) => line !== '');

/** Adds a line with its time; the oldest make room. */
export function note(text: string): void {
  lines.push(`${new Date().toISOString()} ${text.replaceAll('\n', ' ').slice(0, LINE_LENGTH)}`);
  lines.splice(0, Math.max(0, lines.length - LINES));
  remember(KEY, lines.join('\n'));
}

export function journal(): string {
  return lines.join('\n');
}

/** Notes warnings and errors from here on, and that the page was opened. Returns what stops it. */
export function startJournal(): () => void {
  const { warn, error } = console;
  const keep =
    (level: string, say: typeof warn) =>
    (...parts: unknown[]) => {
      say(...parts);
      note(`${level} ${parts.map(inWords).join(' ')}`);
    };
  console.warn = keep('warn', warn);
  console.error = keep('error', error);
  const onError = ({ message }: ErrorEvent) => note(`error ${message}`);
  const onRejection = ({ reason }: PromiseRejectionEvent) => note(`error ${inWords(reason)}`);
  addEventListener('error', onError);
  addEventListener('unhandledrejection', onRejection);
  note('opened');
  return () => {
    Object.assign(console, { warn, error });
    removeEventListener('error', onError);
    removeEventListener('unhandledrejection', onRejection);
  };
}

function inWords(part: unknown): string {
  if (part instanceof Error) {
    const code = 'code' in part ? ` (${String(part.code)})` : '';
    return `${part.name}: ${part.message}${code}`;
  }
  return typeof part === 'string' ? part : String(JSON.stringify(part));
}
