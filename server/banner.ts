import { localise } from '../protocol/common.ts';
import { PEOPLE } from './demo/people.ts';
import { DEMO_PASSWORD } from './demo/school.ts';

export interface BannerFacts {
  readonly publicUrl?: string;
  readonly local: { readonly http: string };
  readonly network: readonly { readonly http: string; readonly https: string }[];
  /** Devices have to be told to trust the certificate first. */
  readonly ownAuthority: boolean;
  readonly demo: boolean;
  /** With which the first administrator is made, while there is none. */
  readonly setupCode: string | null;
}

/** What a person reads who has started the server. */
export function banner(facts: BannerFacts): string {
  return ['', '同课 Tongke is ready.', '', ...addresses(facts), ...setup(facts), ...demo(facts), ''].join(
    '\n',
  );
}

function addresses({ publicUrl, local, network, ownAuthority }: BannerFacts): string[] {
  const lines = [`  On this computer   ${local.http}`];
  if (publicUrl) lines.unshift(`  For everyone       ${publicUrl}`);
  for (const { http, https } of network) {
    lines.push(`  On the network     ${https}`);
    if (ownAuthority) lines.push(`                     (first, once a device: ${http}/trust)`);
  }
  return lines;
}

function setup({ setupCode, local }: BannerFacts): string[] {
  if (setupCode === null) return [];
  return ['', `  Nobody has an account yet. Open ${local.http} and enter this code: ${setupCode}`];
}

function demo({ demo: runs }: BannerFacts): string[] {
  if (!runs) return [];
  const width = Math.max(...PEOPLE.map(({ username }) => username.length));
  const logins = PEOPLE.map(
    ({ username, role, name }) =>
      `    ${username.padEnd(width)}  ${role.padEnd(13)}  ${localise(name, 'en')} · ${name['zh-CN']} · ${localise(name, 'bo')}`,
  );
  return ['', `  Demo school; everyone's password is ${DEMO_PASSWORD}`, ...logins];
}
