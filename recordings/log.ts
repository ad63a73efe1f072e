/** The part of a logger (pino's fits) that the recorder uses. */
export interface RecorderLog {
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
  error(fields: object, text: string): void;
}
