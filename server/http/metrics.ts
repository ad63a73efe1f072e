import type { RequestHandler } from 'express';
import { TongkeError } from '../../protocol/errors.ts';
import { isLoopback } from '../auth/origin.ts';
import { sameText } from '../auth/sessions.ts';

export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: 'gauge' | 'counter';
  /** One value, or one for each value of a label. */
  readonly value: number | { readonly label: string; readonly values: Readonly<Record<string, number>> };
}

export interface MetricsOptions {
  /** What a scraper must show as bearer token; null: only this computer itself may ask. */
  readonly token: string | null;
  readonly read: () => Promise<readonly Metric[]>;
}

/** `/metrics`, for Prometheus: its text format, version 0.0.4. */
export function createMetrics({ token, read }: MetricsOptions): RequestHandler {
  return async (request, response) => {
    const shown = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const allowed = token === null ? isLoopback(request) : sameText(shown, token);
    if (!allowed) throw new TongkeError('forbidden');
    const lines = (await read()).flatMap(linesOf);
    response.set('Cache-Control', 'no-store').type('text/plain; version=0.0.4; charset=utf-8');
    response.send(`${lines.join('\n')}\n`);
  };
}

function linesOf({ name, help, type, value }: Metric): string[] {
  const samples =
    typeof value === 'number'
      ? [`${name} ${value}`]
      : Object.entries(value.values).map(([label, count]) => `${name}{${value.label}="${label}"} ${count}`);
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...samples];
}
