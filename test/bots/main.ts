import { parseArgs } from 'node:util';
import type { RouteOutput } from '../../protocol/api.ts';
import { get, signIn } from '../support/client.ts';
import { Bot } from './bot.ts';

const USAGE = `npm run bots -- --url URL --lesson ID [--rooms N] [--students M] [--seconds S] [--no-media]

Joins headless clients that speak the real protocol to a running lesson, and prints what each received, a line of
JSON a client. Rooms and students sign in with the demo school's accounts, or with those given:
  --password P          of all of them (default: the demo's)
  --room-names A,B      usernames of room devices      --student-names C,D   usernames of students
Several bots share an account where there are more bots than accounts. --seconds: how long to stay (default 20).`;

const { values } = parseArgs({
  options: {
    url: { type: 'string', default: 'http://127.0.0.1:3000' },
    lesson: { type: 'string' },
    rooms: { type: 'string', default: '1' },
    students: { type: 'string', default: '0' },
    seconds: { type: 'string', default: '20' },
    password: { type: 'string' },
    'room-names': { type: 'string' },
    'student-names': { type: 'string' },
    media: { type: 'boolean', default: true },
    help: { type: 'boolean', default: false },
  },
  allowNegative: true,
});

if (values.help || !values.lesson) {
  console.error(USAGE);
  process.exit(values.help ? 0 : 2);
}

const { demo } = await get<RouteOutput<'session.show'>>(values.url, '/session', '');
const password = values.password ?? demo?.password;
if (!password) throw new Error('this server runs no demo: give --password, --room-names and --student-names');

const bots = [
  ...accounts('room', values['room-names'], Number(values.rooms)),
  ...accounts('student', values['student-names'], Number(values.students)),
];
const sessions = new Map<string, Promise<string>>();
const joined = await Promise.allSettled(
  bots.map(async (name) => {
    const cookie = await sessionOf(name);
    return Bot.join({ url: values.url, lesson: values.lesson ?? '', name, cookie, media: values.media });
  }),
);
await new Promise((resolve) => setTimeout(resolve, Number(values.seconds) * 1000));
let failed = 0;
for (const [i, result] of joined.entries()) {
  if (result.status === 'fulfilled') {
    console.log(JSON.stringify(result.value.report()));
    await result.value.close();
  } else {
    failed += 1;
    console.log(JSON.stringify({ bot: bots[i], errors: [String(result.reason)] }));
  }
}
process.exit(failed > 0 ? 1 : 0);

/** Signs in once an account, however many bots share it. */
function sessionOf(username: string): Promise<string> {
  const session = sessions.get(username) ?? signIn(values.url, username, password ?? '');
  sessions.set(username, session);
  return session;
}

/** `count` usernames of a role, each used as often as needed. */
function accounts(role: 'room' | 'student', given: string | undefined, count: number): string[] {
  const names =
    given?.split(',') ??
    demo?.logins.filter((login) => login.role === role).map(({ username }) => username) ??
    [];
  if (count > 0 && names.length === 0) throw new Error(`no usernames for ${role}s: give --${role}-names`);
  return Array.from({ length: count }, (_, i) => names[i % names.length] ?? '');
}
