// Apart from the schemas: see `tongke-error.ts`.

/** The most that is taken of one file, bytes: a term's slides with photographs, an evening's upload at 40 kB/s. */
export const COURSEWARE_MOST_BYTES = 100 * 1024 * 1024;
/** Pages of one file: more is a book, of which a lesson needs a chapter. */
export const COURSEWARE_MOST_PAGES = 200;
