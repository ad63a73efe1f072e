import { z } from 'zod';
import type { Permission } from './roles.ts';

export interface RouteSpec<I extends z.ZodType, O extends z.ZodType> {
  readonly method: 'get' | 'post' | 'delete';
  /** Below `/api/v1`, in express's form. `:lesson` is checked against that lesson's scope, `:room` against its school's. */
  readonly path: string;
  readonly may: Permission;
  readonly input: I;
  readonly output: O;
  /** Bytes of the body at most, where 100 kB are too few. */
  readonly limit?: number;
}

/** One row of the table of routes; an area's rows stand in `api-AREA.ts` and are spread into `api.ts`. */
export function route<I extends z.ZodType, O extends z.ZodType>(spec: RouteSpec<I, O>): RouteSpec<I, O> {
  return spec;
}

export const Nothing = z.object({});
