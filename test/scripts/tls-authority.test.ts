import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureTls, lanAddresses, TlsError, type TlsMaterial } from '../../server/tls/authority.ts';
import { issueAuthority, issueServerCertificate } from '../../server/tls/issue.ts';
import { permits, permittedFor } from '../../server/tls/name-constraints.ts';

const HOSTS = ['192.168.7.20', 'fd00::20', 'school-server'];
const DAY_MS = 24 * 3_600_000;

/** Serves one page with `material` and gets it as a client that trusts `ca` and thinks that it talks to `host`. */
async function exchange({ cert, key }: TlsMaterial, ca: string, host: string): Promise<number | undefined> {
  const server = createServer({ cert, key }, (_request, response) => response.end('同课')).listen(
    0,
    '127.0.0.1',
  );
  try {
    await once(server, 'listening');
    const address = server.address();
    assert.ok(typeof address === 'object' && address !== null);
    const request = get({ host: '127.0.0.1', port: address.port, ca, servername: host, agent: false });
    const [response] = await once(request, 'response');
    response.resume();
    await once(response, 'end');
    return response.statusCode;
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

describe('TLS on the local network', () => {
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'tongke-tls-'));
  });

  afterEach(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  it('serves a client that trusts the authority, and no other', async () => {
    const tls = await ensureTls({ directory, hosts: HOSTS });
    assert.ok(tls.ca);
    assert.equal(await exchange(tls, tls.ca, 'localhost'), 200);
    assert.equal(await exchange(tls, tls.ca, 'school-server'), 200);
    const stranger = await issueAuthority(permittedFor([]));
    await assert.rejects(exchange(tls, stranger.cert, 'localhost'), /certificate/);
    await assert.rejects(exchange(tls, tls.ca, 'elsewhere.local'), /altnames/);
  });

  it('covers every host and the loopback addresses, for at most 397 days', async () => {
    const tls = await ensureTls({ directory, hosts: HOSTS });
    const certificate = new X509Certificate(tls.cert);
    for (const ip of ['192.168.7.20', 'fd00::20', '127.0.0.1', '::1']) assert.ok(certificate.checkIP(ip), ip);
    for (const name of ['school-server', 'localhost']) assert.ok(certificate.checkHost(name), name);
    const days = (certificate.validToDate.getTime() - certificate.validFromDate.getTime()) / DAY_MS;
    assert.ok(days > 365 && days <= 397, `${days} days`);
  });

  it('gives the same certificate while nothing changes', async () => {
    const first = await ensureTls({ directory, hosts: HOSTS });
    assert.deepEqual(await ensureTls({ directory, hosts: HOSTS }), first);
    // A network cable pulled out takes an address away, and that alone is no reason for a new certificate.
    assert.deepEqual(await ensureTls({ directory, hosts: HOSTS.slice(1) }), first);
  });

  it('renews the certificate, and keeps the authority, when an address is new', async () => {
    const first = await ensureTls({ directory, hosts: HOSTS });
    const second = await ensureTls({ directory, hosts: [...HOSTS, '10.1.2.3'] });
    assert.equal(second.ca, first.ca);
    assert.notEqual(second.cert, first.cert);
    assert.ok(new X509Certificate(second.cert).checkIP('10.1.2.3'));
    assert.ok(second.ca);
    assert.equal(await exchange(second, second.ca, 'localhost'), 200);
  });

  it('makes a new authority only for a host that the old one may not vouch for', async () => {
    const first = await ensureTls({ directory, hosts: HOSTS });
    const second = await ensureTls({ directory, hosts: ['203.0.113.9', 'lessons.example.org'] });
    assert.notEqual(second.ca, first.ca);
    assert.ok(second.ca);
    assert.equal(await exchange(second, second.ca, 'lessons.example.org'), 200);
  });

  it('cannot vouch for a host outside its names', async () => {
    const authority = await issueAuthority(permittedFor(HOSTS));
    const forged = await issueServerCertificate(['bank.example.com'], authority);
    const material = { ...forged, validTo: new Date() };
    await assert.rejects(exchange(material, authority.cert, 'bank.example.com'), /permitted subtree/);
  });

  it('mends a damaged key', async () => {
    await ensureTls({ directory, hosts: HOSTS });
    writeFileSync(join(directory, 'server-key.pem'), 'not a key');
    const tls = await ensureTls({ directory, hosts: HOSTS });
    assert.ok(tls.ca);
    assert.equal(await exchange(tls, tls.ca, 'localhost'), 200);
  });

  it('keeps keys to the user that runs the server', async () => {
    await ensureTls({ directory, hosts: HOSTS });
    for (const file of ['ca-key.pem', 'server-key.pem']) {
      assert.equal(statSync(join(directory, file)).mode & 0o777, 0o600, file);
    }
  });

  it("uses the school's own certificate where one is given, and says what is wrong with it", async () => {
    await ensureTls({ directory, hosts: HOSTS });
    const [certFile, keyFile] = [join(directory, 'server.pem'), join(directory, 'server-key.pem')];
    const given = await ensureTls({ directory: join(directory, 'unused'), certFile, keyFile });
    assert.equal(given.cert, readFileSync(certFile, 'utf8'));
    assert.equal(given.ca, undefined);
    const refused = async (options: { certFile?: string; keyFile?: string }, why: RegExp) =>
      assert.rejects(ensureTls({ directory, ...options }), (error: unknown) => {
        assert.ok(error instanceof TlsError);
        assert.match(error.message, why);
        return true;
      });
    await refused({ certFile }, /both or neither/);
    await refused({ certFile, keyFile: join(directory, 'ca-key.pem') }, /not the key/);
    await refused({ certFile: join(directory, 'missing.pem'), keyFile }, /can't be read/);
    await refused({ certFile: keyFile, keyFile }, /not a certificate/);
  });
});

describe('local names and addresses', () => {
  it("are this computer's, without loopback, link-local and changing IPv6 addresses", () => {
    const entry = { netmask: '', mac: '', cidr: null };
    const v4 = (address: string, internal = false) => ({
      ...entry,
      address,
      internal,
      family: 'IPv4' as const,
    });
    const v6 = (address: string) => ({
      ...entry,
      address,
      internal: false,
      family: 'IPv6' as const,
      scopeid: 0,
    });
    const found = lanAddresses({
      lo: [v4('127.0.0.1', true)],
      eth0: [v4('192.168.1.5'), v6('fe80::1'), v6('2001:db8::5'), v6('fd12::5')],
      eth1: undefined,
    });
    assert.deepEqual(found, ['192.168.1.5', 'fd12::5']);
  });

  it('are permitted by range and by suffix', () => {
    const names = permittedFor(['campus.example.org', '203.0.113.9']);
    for (const host of [
      '10.255.0.1',
      '172.31.0.1',
      'fd00::1',
      '::1',
      'room.local',
      'campus.example.org',
      '203.0.113.9',
    ]) {
      assert.ok(permits(names, host), host);
    }
    for (const host of ['172.32.0.1', '203.0.113.10', '2001:db8::1', 'example.org', 'notlocal']) {
      assert.ok(!permits(names, host), host);
    }
  });
});
