import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import express, { type Router } from 'express';
import { z } from 'zod';
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi';
import { type RouteName, routes } from '../../protocol/api.ts';
import { ErrorBody } from '../../protocol/errors.ts';
import { scopesFor } from '../../protocol/tokens.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';

/*
 * What programs may ask, described from the very table that the server answers by: it cannot fall behind.
 */

/** Of swagger-ui: what its page needs, and nothing else of that folder. */
const PAGE_FILES = ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'];

const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Tongke API</title>
<link rel="icon" href="/api/docs/favicon-32x32.png">
<link rel="stylesheet" href="/api/docs/swagger-ui.css">
<div id="page"></div>
<script src="/api/docs/swagger-ui-bundle.js"></script>
<script src="/api/docs/start.js"></script>
</html>
`;

/** In a file of its own: scripts in pages are refused by the content security policy. */
const START = `SwaggerUIBundle({ url: '/api/v1/openapi.json', dom_id: '#page', validatorUrl: null });\n`;

/** `/api/v1/openapi.json` and `/api/docs`. */
export function createApiDocs(): Router {
  const router = express.Router();
  const folder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  let document: string | null = null;
  router.get('/v1/openapi.json', (_request, response) => {
    document ??= JSON.stringify(describeApi());
    response.type('json').send(document);
  });
  router.get('/docs', (_request, response) => void response.type('html').send(PAGE));
  router.get('/docs/start.js', (_request, response) => void response.type('js').send(START));
  for (const name of PAGE_FILES) {
    router.get(`/docs/${name}`, (_request, response) =>
      response.sendFile(join(folder, name), { maxAge: '1d' }),
    );
  }
  return router;
}

/** OpenAPI 3.1 of every route. */
export function describeApi() {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const name of routeNames()) {
    const path = routes[name].path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [routes[name].method]: operation(name) };
  }
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Tongke',
      version: String(PROTOCOL_VERSION),
      description:
        'Every answer is `{"ok":true,"data":…}` or `{"ok":false,"error":{"code","message"}}`. Programs show a personal token as `Authorization: Bearer tongke_…`; people make theirs under “Access for programs”. Times are milliseconds since 1970, UTC.',
    },
    servers: [{ url: '/api/v1' }],
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    paths: paths satisfies ZodOpenApiPathsObject,
  });
}

function routeNames(): RouteName[] {
  return Object.keys(routes).filter((name): name is RouteName => Object.hasOwn(routes, name));
}

function operation(name: RouteName): ZodOpenApiOperationObject {
  const { method, path, may, input, output } = routes[name];
  const names = [...path.matchAll(/:(\w+)/g)].map(([, key = '']) => key);
  const scopes = scopesFor(may, method === 'get');
  const query = method === 'get' && input instanceof z.ZodObject ? input : undefined;
  const named = z.object(Object.fromEntries(names.map((key) => [key, z.string()])));
  return {
    operationId: name,
    tags: [name.split('.')[0] ?? name],
    summary: name,
    description: `Permission: \`${may}\`. ${scopes.length > 0 ? `Token scope: ${scopes.map((one) => `\`${one}\``).join(' or ')}.` : 'Not for tokens.'}`,
    security: scopes.length > 0 ? [{ token: [] }] : [],
    requestParams: { ...(names.length > 0 && { path: named }), ...(query && { query }) },
    ...(method === 'post' && {
      requestBody: { required: true, content: { 'application/json': { schema: input } } },
    }),
    responses: {
      200: {
        description: 'Done',
        content: { 'application/json': { schema: z.object({ ok: z.literal(true), data: output }) } },
      },
      default: {
        description: 'Refused',
        content: { 'application/json': { schema: z.object({ ok: z.literal(false), error: ErrorBody }) } },
      },
    },
  };
}
