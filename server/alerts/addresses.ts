import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';

/*
 * Where a webhook may go. Its address is typed in by a person, and the server stands inside a network that the person
 * may not see: without this, a webhook is a way to talk to the router, the database, or a cloud's metadata service.
 */

/** IANA's special-purpose registries: https://www.iana.org/assignments/iana-ipv4-special-registry, …-ipv6-… */
const NOT_PUBLIC = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12'],
  ...['192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15'],
  ...['198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
  ...['::/127', '64:ff9b::/96', '64:ff9b:1::/48', '100::/64', '2001::/23', '2001:db8::/32', '2002::/16'],
  ...['fc00::/7', 'fe80::/10', 'fec0::/10', 'ff00::/8'],
];

const forbidden = networks(NOT_PUBLIC);

export class AddressRefused extends Error {
  override readonly name = 'AddressRefused';
}

/** `10.1.0.0/16` and the like; throws where it is none. */
export function networks(list: readonly string[]): BlockList {
  const found = new BlockList();
  for (const entry of list) {
    const [address = '', bits] = entry.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (isIP(address) === 0) throw new TypeError(`${entry} is no network`);
    found.addSubnet(address, bits === undefined ? (family === 'ipv6' ? 128 : 32) : Number(bits), family);
  }
  return found;
}

/**
 * The one address to connect to, looked up once: a name that answers differently the second time gains nothing by it.
 * Rejects with `AddressRefused` where any of a name's addresses is not public and not `allowed`.
 */
export async function publicAddress(host: string, allowed: BlockList): Promise<string> {
  const bare = host.replace(/^\[|\]$/g, '');
  const found = isIP(bare) ? [{ address: bare }] : await lookup(bare, { all: true });
  const [first] = found;
  if (!first) throw new AddressRefused(`${host} has no address`);
  for (const { address } of found) {
    if (!isAllowed(address, allowed)) throw new AddressRefused(`${host} is not a public address`);
  }
  return first.address;
}

function isAllowed(address: string, allowed: BlockList): boolean {
  // An IPv4 address in IPv6's clothes is checked as what it is: BlockList does so by itself for `::ffff:`.
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  return allowed.check(address, family) || !forbidden.check(address, family);
}
