import type { types } from 'mediasoup-client';

/** A certificate of this page's own, and what the server must know of it. */
export interface Identity {
  readonly certificate: RTCCertificate;
  readonly dtlsParameters: {
    /** The server begins: see `waiting`. */
    readonly role: 'server';
    readonly fingerprints: readonly { algorithm: string; value: string }[];
  };
}

const ALGORITHM: EcKeyGenParams = { name: 'ECDSA', namedCurve: 'P-256' };

let identity: Identity | null = null;
let isBegun = false;

/** Made before there is a connection, so that the server hears of it with the first request. */
export function makeIdentity(): void {
  if (isBegun || !('RTCPeerConnection' in globalThis)) return;
  isBegun = true;
  make().catch(() => undefined); // then each transport makes its own
}

/** Null where it is not made yet, or this browser cannot say its fingerprint. */
export function ownIdentity(): Identity | null {
  return identity;
}

async function make(): Promise<void> {
  const certificate = await RTCPeerConnection.generateCertificate(ALGORITHM);
  const [fingerprint] = certificate.getFingerprints();
  if (!fingerprint?.algorithm || !fingerprint.value) return;
  // The media server compares letters, and writes capitals.
  const { algorithm, value } = { algorithm: fingerprint.algorithm, value: fingerprint.value.toUpperCase() };
  identity = { certificate, dtlsParameters: { role: 'server', fingerprints: [{ algorithm, value }] } };
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
