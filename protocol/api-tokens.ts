import { z } from 'zod';
import { Nothing, route } from './route.ts';
import { NewToken, Token } from './tokens.ts';

/** What a person lets programs do in their name. A token cannot make tokens. */
export const tokenRoutes = {
  'token.list': route({
    method: 'get',
    path: '/tokens',
    may: 'account.own',
    input: Nothing,
    output: z.object({ tokens: z.array(Token) }),
  }),
  /** `secret` is shown this once; the server keeps only its hash. */
  'token.create': route({
    method: 'post',
    path: '/tokens',
    may: 'account.own',
    input: NewToken,
    output: z.object({ token: Token, secret: z.string() }),
  }),
  'token.delete': route({
    method: 'delete',
    path: '/tokens/:token',
    may: 'account.own',
    input: Nothing,
    output: Nothing,
  }),
} as const;
