/** Checked when a client connects. Raise it whenever a client built before the change could not follow a lesson. */
export const PROTOCOL_VERSION = 6;
