import { ByteReader, ByteWriter, WireError } from './bytes.ts';

/**
 * A train: a few datagrams sent at once on a feed (`feed-line.ts`). How far apart they arrive tells what the link carries,
 * which nothing else does where little is sent over it.
 */
export interface Car {
  /** Counts trains. */
  readonly train: number;
  /** Its place in the train, from 0. */
  readonly index: number;
}

/** So many, of which a lossy link brings enough: 1 kB, which a voice's playout bears on 24 kbit/s. */
export const CARS = 4;
const CAR_BYTES = 150;
/** On the link each is so long, with the headers of SCTP, DTLS, UDP and IP; bytes. */
export const CAR_ON_LINK = CAR_BYTES + 90;
/** In the place of an epoch, which is never 0. */
const MARK = 0;

export function encodeTrain(train: number): Uint8Array[] {
  return Array.from({ length: CARS }, (_, index) => {
    const writer = new ByteWriter();
    writer.number(MARK);
    writer.number(train);
    writer.number(index);
    const head = writer.finish();
    const car = new Uint8Array(CAR_BYTES);
    car.set(head);
    return car;
  });
}

/** Null for a datagram that is none. */
export function decodeCar(datagram: Uint8Array): Car | null {
  try {
    const reader = new ByteReader(datagram);
    if (reader.number() !== MARK) return null;
    return { train: reader.number(), index: reader.number() };
  } catch (error) {
    if (error instanceof WireError) return null;
    throw error;
  }
}
