import { isIP } from 'node:net';

/**
 * What our certificate authority may vouch for. Devices in classrooms are told to trust it, so whoever stole its
 * key could otherwise pose as any site on the Internet to them; with this, only as hosts of a local network.
 */
export interface PermittedNames {
  /** DNS names; each also permits the names below it. */
  dns: string[];
  /** Address ranges as `10.0.0.0/8`. */
  ip: string[];
}

const LOCAL: PermittedNames = {
  dns: ['localhost', 'local', 'lan', 'internal', 'home.arpa'],
  ip: [
    '127.0.0.0/8',
    '10.0.0.0/8',
    '172.16.0.0/12',
    '192.168.0.0/16',
    '169.254.0.0/16',
    '100.64.0.0/10', // carriers' shared range, which some mesh VPNs use between schools
    '::1/128',
    'fc00::/7',
    'fe80::/10',
  ],
};

/** The local ranges, and of `hosts` each one that lies outside them: some campuses use public addresses inside. */
export function permittedFor(hosts: readonly string[]): PermittedNames {
  const others = hosts.filter((host) => !permits(LOCAL, host));
  return {
    dns: [...LOCAL.dns, ...others.filter((host) => isIP(host) === 0)],
    ip: [
      ...LOCAL.ip,
      ...others.filter((host) => isIP(host) !== 0).map((host) => `${host}/${isIP(host) === 4 ? 32 : 128}`),
    ],
  };
}

export function permits({ dns, ip }: PermittedNames, host: string): boolean {
  if (isIP(host) === 0) return dns.some((name) => host === name || host.endsWith(`.${name}`));
  const address = addressBytes(host);
  return ip.some((range) => {
    const [base, mask] = rangeBytes(range);
    return base.length === address.length && address.every((byte, i) => (byte & (mask[i] ?? 0)) === base[i]);
  });
}

/** The value of the X.509 extension `nameConstraints` (RFC 5280, 4.2.1.10), in DER. */
export function encodeNameConstraints({ dns, ip }: PermittedNames): Uint8Array<ArrayBuffer> {
  const DNS_NAME = 0x82;
  const IP_ADDRESS = 0x87;
  const SEQUENCE = 0x30;
  const PERMITTED_SUBTREES = 0xa0;
  const subtrees = [
    ...dns.map((name) => der(DNS_NAME, Buffer.from(name, 'ascii'))),
    ...ip.map((range) => der(IP_ADDRESS, Buffer.from(rangeBytes(range).flat()))),
  ].map((name) => der(SEQUENCE, name));
  return new Uint8Array(der(SEQUENCE, der(PERMITTED_SUBTREES, Buffer.concat(subtrees))));
}

function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const head =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...head]), content]);
}

/** A range's base address and mask, as bytes. */
function rangeBytes(range: string): [number[], number[]] {
  const [address = '', bits = ''] = range.split('/');
  const base = addressBytes(address);
  const mask = base.map((_, i) => (0xff00 >> Math.min(8, Math.max(0, Number(bits) - 8 * i))) & 0xff);
  return [base, mask];
}

/** An IPv4 or IPv6 address as 4 or 16 bytes. */
function addressBytes(address: string): number[] {
  if (isIP(address) === 4) return address.split('.').map(Number);
  const [head = '', tail] = address.split('::');
  const groups = (part: string) =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const [front, back] = [groups(head), groups(tail ?? '')];
  const middle = tail === undefined ? [] : new Array<number>(8 - front.length - back.length).fill(0);
  return [...front, ...middle, ...back].flatMap((group) => [group >> 8, group & 0xff]);
}
