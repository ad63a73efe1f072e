import { createPrivateKey, X509Certificate } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { type Issued, issueAuthority, issueServerCertificate } from './issue.ts';
import { type PermittedNames, permits, permittedFor } from './name-constraints.ts';

// Browsers give cameras and microphones to pages over HTTPS only, and a school's own network has no public name for
// which anyone would issue a certificate. So the server is its own authority, which devices are told once to trust.

/** A certificate with less time left is renewed at the next start. */
const RENEW_MS = 30 * 24 * 3_600_000;
/** Always in the certificate, for the server's own checks and a browser on the same computer. */
const LOOPBACK = ['localhost', '127.0.0.1', '::1'];

export interface TlsOptions {
  /** Where keys and certificates are kept: DATA_DIR/tls. */
  directory: string;
  /** Names and addresses by which devices reach the server. Default: `localHosts()`. */
  hosts?: readonly string[];
  /** A certificate (chain) and key of the school's own, as PEM files: then nothing is made or kept. */
  certFile?: string | undefined;
  keyFile?: string | undefined;
}

export interface TlsMaterial {
  /** PEM. */
  cert: string;
  key: string;
  /** The authority's certificate (PEM), which devices have to trust; none where the school brought its own. */
  ca?: string;
  /** When `cert` ends: a server that runs longer calls `ensureTls` again before. */
  validTo: Date;
}

/** A certificate that can't be used; the message is for the school's technician. */
export class TlsError extends Error {
  override name = 'TlsError';
}

/** What the server listens with. Reads what is there and makes what is missing, changed or about to end. */
export async function ensureTls({
  directory,
  hosts = localHosts(),
  certFile,
  keyFile,
}: TlsOptions): Promise<TlsMaterial> {
  if (certFile || keyFile) return readGiven(certFile, keyFile);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  chmodSync(directory, 0o700);
  const wanted = [...new Set([...LOOPBACK, ...hosts.map((host) => host.toLowerCase())])];
  const authority = await ensureAuthority(directory, wanted);
  const server = await ensureServer(directory, wanted, authority);
  return { ...server, ca: authority.cert, validTo: new X509Certificate(server.cert).validToDate };
}

/**
 * This computer's addresses on its local networks. Of IPv6 only the unique local ones: global ones change daily where
 * privacy extensions are on, and each change would mean a new certificate.
 */
export function lanAddresses(interfaces = networkInterfaces()): string[] {
  const all = Object.values(interfaces).flatMap((list) => list ?? []);
  const usable = all.filter(
    ({ internal, family, address }) => !internal && (family === 'IPv4' || /^f[cd]/i.test(address)),
  );
  return [...new Set(usable.map(({ address }) => address))].sort();
}

/** Every name and address by which devices may reach this computer on its local networks. */
export function localHosts(): string[] {
  const name = hostname().toLowerCase();
  // A name that is no DNS name (a space, an underscore) can't stand in a certificate.
  const names = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(name)
    ? [name, ...(name.includes('.') ? [] : [`${name}.local`])]
    : [];
  return [...lanAddresses(), ...names];
}

function readGiven(certFile: string | undefined, keyFile: string | undefined): TlsMaterial {
  if (!certFile || !keyFile)
    throw new TlsError('TLS_CERT and TLS_KEY belong together: give both or neither.');
  const cert = readNamed(certFile, 'TLS_CERT');
  const key = readNamed(keyFile, 'TLS_KEY');
  const parsed = parseCertificate(cert);
  if (!parsed) throw new TlsError(`TLS_CERT (${certFile}) is not a certificate in PEM form.`);
  if (!keyFits(parsed, key))
    throw new TlsError(`TLS_KEY (${keyFile}) is not the key of the certificate in TLS_CERT.`);
  return { cert, key, validTo: parsed.validToDate };
}

function readNamed(file: string, setting: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new TlsError(`${setting} names "${file}", which can't be read by the user that runs the server.`);
  }
}

/** The authority. A new one is made only where it must be: every device has to be told to trust it again. */
async function ensureAuthority(directory: string, hosts: readonly string[]): Promise<Issued> {
  const kept = readPair(directory, 'ca');
  const names = readNames(directory);
  if (kept && names && hasTime(kept.cert) && hosts.every((host) => permits(names, host))) return kept;
  const permitted = permittedFor(hosts);
  const issued = await issueAuthority(permitted);
  writePrivate(join(directory, 'ca-names.json'), `${JSON.stringify(permitted, null, 2)}\n`);
  writePair(directory, 'ca', issued);
  return issued;
}

async function ensureServer(directory: string, hosts: readonly string[], authority: Issued): Promise<Issued> {
  const kept = readPair(directory, 'server');
  if (kept && hasTime(kept.cert) && isFrom(authority, kept.cert) && covers(kept.cert, hosts)) return kept;
  const issued = await issueServerCertificate(hosts, authority);
  writePair(directory, 'server', issued);
  return issued;
}

function hasTime(pem: string): boolean {
  return new X509Certificate(pem).validToDate.getTime() - Date.now() > RENEW_MS;
}

function isFrom(authority: Issued, pem: string): boolean {
  return new X509Certificate(pem).verify(new X509Certificate(authority.cert).publicKey);
}

function covers(pem: string, hosts: readonly string[]): boolean {
  const certificate = new X509Certificate(pem);
  return hosts.every(
    (host) => (isIP(host) ? certificate.checkIP(host) : certificate.checkHost(host)) !== undefined,
  );
}

function parseCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

function keyFits(certificate: X509Certificate, key: string): boolean {
  try {
    return certificate.checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

/** A kept certificate with its key; `undefined` where either is missing or damaged, so that both are made anew. */
function readPair(directory: string, name: string): Issued | undefined {
  try {
    const cert = readFileSync(join(directory, `${name}.pem`), 'utf8');
    const key = readFileSync(join(directory, `${name}-key.pem`), 'utf8');
    const parsed = parseCertificate(cert);
    return parsed && keyFits(parsed, key) ? { cert, key } : undefined;
  } catch {
    return undefined;
  }
}

function readNames(directory: string): PermittedNames | undefined {
  try {
    const names: unknown = JSON.parse(readFileSync(join(directory, 'ca-names.json'), 'utf8'));
    if (typeof names !== 'object' || names === null || !('dns' in names) || !('ip' in names))
      return undefined;
    const { dns, ip } = names;
    return isStrings(dns) && isStrings(ip) ? { dns, ip } : undefined;
  } catch {
    return undefined;
  }
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

/** The key first: a certificate without its key would be taken for damaged, a key without its certificate for none. */
function writePair(directory: string, name: string, { cert, key }: Issued): void {
  writePrivate(join(directory, `${name}-key.pem`), key);
  writePrivate(join(directory, `${name}.pem`), cert);
}

function writePrivate(file: string, text: string): void {
  const draft = `${file}.new`;
  writeFileSync(draft, text, { mode: 0o600 });
  renameSync(draft, file);
}
