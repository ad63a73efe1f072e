/**
 * What one end of a TCP connection sends the other. Numbered by segment instead of by byte, since a segment that is
 * sent again is always the same one.
 */
export interface Segment {
  /** Missing where nothing but an acknowledgement is sent. */
  readonly content?: Content & { readonly number: number };
  readonly acknowledgement: Acknowledgement;
}

export interface Content {
  /** `abort` stands for a reset; unlike a real one it is sent until it arrives, so that no test waits for ever. */
  readonly type: 'syn' | 'data' | 'fin' | 'abort';
  readonly payload: Buffer;
}

export interface Acknowledgement {
  /** Everything below this number has arrived. */
  readonly next: number;
  /** Numbers above it that have arrived too (selective acknowledgement, RFC 2018). */
  readonly beyond: readonly number[];
}

/** Most bytes of payload: 1,500 of Ethernet or less, as tunnels and mobile networks have it. */
export const SEGMENT_BYTES = 1_400;
/** IPv4 and TCP without options. */
export const HEADER_BYTES = 40;
