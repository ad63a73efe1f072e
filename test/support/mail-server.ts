import { EventEmitter, once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

/** As much of SMTP (RFC 5321) as a letter needs: it takes everything, and keeps it. */
export interface MailServer {
  readonly port: number;
  /** Whole letters, headers and all. */
  readonly letters: string[];
  /** Refuses the next letters with a passing error, as a busy server does. */
  busy: boolean;
  next(): Promise<string>;
  close(): void;
}

export async function startMailServer(): Promise<MailServer> {
  const letters: string[] = [];
  const arrived = new EventEmitter();
  const state = { busy: false };
  const server = createServer(
    (socket) =>
      void converse(socket, state, (letter) => {
        letters.push(letter);
        arrived.emit('letter');
      }),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  let read = 0;
  return {
    port: (server.address() as AddressInfo).port,
    letters,
    get busy() {
      return state.busy;
    },
    set busy(busy) {
      state.busy = busy;
    },
    async next() {
      if (letters.length <= read) await once(arrived, 'letter', { signal: AbortSignal.timeout(5_000) });
      return letters[read++] ?? '';
    },
    close: () => server.close(),
  };
}

async function converse(
  socket: Socket,
  state: { busy: boolean },
  take: (letter: string) => void,
): Promise<void> {
  const say = (line: string) => void socket.write(`${line}\r\n`);
  say('220 test');
  let letter: string[] | null = null;
  for await (const line of createInterface({ input: socket })) {
    if (letter) {
      if (line !== '.') letter.push(line);
      else {
        take(letter.join('\n'));
        letter = null;
        say('250 taken');
      }
    } else if (/^QUIT/i.test(line)) socket.end('221 bye\r\n');
    else if (/^DATA/i.test(line)) {
      letter = [];
      say('354 go on');
    } else if (/^MAIL/i.test(line) && state.busy) say('451 later');
    else say('250 ok');
  }
}
