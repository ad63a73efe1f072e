import type { ErrorCode } from './errors.ts';

// Apart from the schemas, so that a page that only throws or tells it does not load the validator.
/** Thrown by handlers and by `can()`; crosses the wire as `{ code, message }`. */
export class TongkeError extends Error {
  readonly code: ErrorCode;
  constructor(code: ErrorCode, message: string = code, options?: ErrorOptions) {
    super(message, options);
    this.name = 'TongkeError';
    this.code = code;
  }
}
