import { randomBytes } from 'node:crypto';
import { TongkeError } from '../../../protocol/errors.ts';
import { TOKEN_PREFIX } from '../../auth/bearer.ts';
import { writeAudit } from '../../store/audit.ts';
import { createToken, deleteToken, tokensOf } from '../../store/tokens.ts';
import type { RouteContext, RouteHandlers } from '../api.ts';
import { accountOf } from './lessons.ts';

const DAY_MS = 86_400_000;

export function tokenRoutes(): Pick<RouteHandlers, 'token.list' | 'token.create' | 'token.delete'> {
  return {
    'token.list': async (context) => ({ tokens: await tokensOf(accountOf(context).id) }),

    'token.create': async (context, { name, scopes, days }) => {
      const account = accountOf(context).id;
      const secret = `${TOKEN_PREFIX}${randomBytes(32).toString('base64url')}`;
      const expiresAt = new Date(Date.now() + days * DAY_MS);
      const token = await createToken({ account, name, secret, scopes: [...new Set(scopes)], expiresAt });
      if (!token) throw new TongkeError('too_many_requests', 'delete a token that is not used any more');
      await log(context, 'token.create', token.id);
      return { token, secret };
    },

    'token.delete': async (context) => {
      const id = String(context.request.params.token);
      if (!(await deleteToken(accountOf(context).id, id))) throw new TongkeError('not_found');
      await log(context, 'token.delete', id);
      return {};
    },
  };
}

function log(context: RouteContext, action: string, target: string): Promise<void> {
  const { request } = context;
  return writeAudit({ actor: accountOf(context).id, action, target, outcome: 'ok', address: request.ip });
}
