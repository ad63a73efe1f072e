import type { Auth } from '../../auth/auth.ts';
import type { Setup } from '../../auth/setup.ts';
import { demoLogins } from '../../store/accounts.ts';
import type { RouteHandlers } from '../api.ts';

type SessionRoutes = Pick<
  RouteHandlers,
  'session.show' | 'session.create' | 'session.delete' | 'setup.create'
>;

export interface SessionOptions {
  readonly auth: Auth;
  readonly setup: Setup;
  /** The demo's password, while it runs as one. */
  readonly demoPassword: string | null;
}

export function sessionRoutes({ auth, setup, demoPassword }: SessionOptions): SessionRoutes {
  return {
    'session.show': async ({ account }) => ({
      account,
      setup: await setup.isOpen(),
      demo: demoPassword === null ? null : { password: demoPassword, logins: await demoLogins() },
    }),

    'session.create': async ({ request }, { username, password }) => ({
      account: await auth.signIn(request, username, password),
    }),

    'session.delete': async ({ request }) => {
      await auth.signOut(request);
      // Pages of lessons that go on are kept without asking again, for thin links: whoever comes next on this computer has none of them.
      request.res?.set('Clear-Site-Data', '"cache"');
      return {};
    },

    'setup.create': async ({ request }, input) => {
      const forgive = await auth.limits.count(request.ip ?? '', 'setup');
      const account = await setup.complete(input);
      await forgive();
      await auth.begin(request, account);
      return { account };
    },
  };
}
