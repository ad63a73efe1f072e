/** The part of pino that the server's own code uses, so that tests can listen. */
export interface Log {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}
