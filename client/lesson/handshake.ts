import { openDB } from 'idb';
import type { types } from 'mediasoup-client';

/** A certificate of this device's own, and what the server must know of it. */
export interface Identity {
  readonly certificate: RTCCertificate;
  /** The next page of this device has it too. */
  readonly isKept: boolean;
  readonly dtlsParameters: {
    /** The server begins: see `waiting`. */
    readonly role: 'server';
    readonly fingerprints: readonly { algorithm: string; value: string }[];
  };
}

const ALGORITHM: EcKeyGenParams & RTCCertificateExpiration = {
  ...{ name: 'ECDSA', namedCurve: 'P-256' },
  expires: 30 * 24 * 3_600_000,
};
/** Longer than any lesson. */
const GOOD_FOR_MS = 24 * 3_600_000;
const [STORE, PLACE] = ['certificates', 'own'];

let made: Identity | null = null;
let making: Promise<Identity | null> | undefined;

/** Made before there is a connection, so that the server hears of it with the first request. Null: see `ownIdentity`. */
export function makeIdentity(): Promise<Identity | null> {
  if (!('RTCPeerConnection' in globalThis)) return Promise.resolve(null);
  making ??= make().catch(() => null); // then each transport makes its own
  return making;
}

/** Null where it is not made yet, or this browser cannot say its fingerprint. */
export function ownIdentity(): Identity | null {
  return made;
}

async function make(): Promise<Identity | null> {
  const kept = await keptCertificate().catch(() => null);
  const certificate = kept ?? (await RTCPeerConnection.generateCertificate(ALGORITHM));
  const [fingerprint] = certificate.getFingerprints();
  if (!fingerprint?.algorithm || !fingerprint.value) return null;
  const isKept = kept !== null || (await keep(certificate));
  // The media server compares letters, and writes capitals.
  const { algorithm, value } = { algorithm: fingerprint.algorithm, value: fingerprint.value.toUpperCase() };
  made = {
    ...{ certificate, isKept },
    dtlsParameters: { role: 'server', fingerprints: [{ algorithm, value }] },
  };
  return made;
}

function database() {
  return openDB('tongke-media', 1, { upgrade: (db) => void db.createObjectStore(STORE) });
}

async function keptCertificate(): Promise<RTCCertificate | null> {
  const db = await database();
  const kept: unknown = await db.get(STORE, PLACE);
  db.close();
  return kept instanceof RTCCertificate && kept.expires > Date.now() + GOOD_FOR_MS ? kept : null;
}

/** Whether it could be: not every browser stores a certificate, or anything. */
async function keep(certificate: RTCCertificate): Promise<boolean> {
  try {
    const db = await database();
    await db.put(STORE, certificate, PLACE);
    db.close();
    return true;
  } catch {
    return false;
  }
}

/**
 * The server's parameters so that the server begins the DTLS handshake. Its first message has 200 bytes and is repeated
 * after 100 ms; Chromium's has 1,500, for a key exchange that mediasoup does not know, and is repeated after two round
 * trips. On a satellite's uplink that is half a second, and several where it is lost.
 */
export function waiting(dtlsParameters: types.DtlsParameters): types.DtlsParameters {
  return { ...dtlsParameters, role: 'client' };
}

/**
 * Lets the browser know, too. mediasoup-client tells its server who begins, but makes offers to its browser that leave
 * it to the browser ('actpass'), which then begins as well.
 */
export function letServerBegin({ handler }: types.Transport): void {
  const connection: unknown = Object.getOwnPropertyDescriptor(handler, '_pc')?.value;
  if (!(connection instanceof RTCPeerConnection))
    throw new Error('mediasoup-client keeps its connection elsewhere: see client/lesson/handshake.ts');
  const set = connection.setRemoteDescription.bind(connection);
  connection.setRemoteDescription = async ({ type, sdp }: RTCSessionDescriptionInit) =>
    set({ type, sdp: sdp?.replaceAll('a=setup:actpass', 'a=setup:active') });
}
