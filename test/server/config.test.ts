import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, readConfig } from '../../server/config.ts';

const SECRET = 'thirty-two characters, or more of them';

describe('configuration', () => {
  let folder: string;
  const read = (env: NodeJS.ProcessEnv = {}) => readConfig({ DATA_DIR: folder, ...env });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tongke-config-'));
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  it('needs nothing to be set', () => {
    const config = read();
    assert.deepEqual(
      [config.port, config.httpsPort, config.host, config.mediaPort, config.demo, config.trustProxy],
      [3000, 3443, '0.0.0.0', 44_444, 'auto', false],
    );
    assert.equal(config.mongodbUri, undefined);
  });

  it('takes empty for not set, as compose files give it', () => {
    assert.equal(read({ HTTPS_PORT: '', PUBLIC_URL: ' ', SESSION_SECRET: '' }).httpsPort, 3443);
  });

  it('keeps a secret of its own, for its user alone', () => {
    const { sessionSecret } = read();
    assert.ok(sessionSecret.length >= 32);
    assert.equal(read().sessionSecret, sessionSecret);
    assert.equal(statSync(join(folder, 'keys', 'session-secret')).mode & 0o777, 0o600);
  });

  it('derives the port of HTTPS', () => {
    const httpsPort = (PORT: string) => read({ PORT }).httpsPort;
    assert.deepEqual(['0', '80', '8080', '65500'].map(httpsPort), [0, 443, 8523, 65_057]);
  });

  it('reads secrets from files', () => {
    const path = join(folder, 'secret');
    writeFileSync(path, `${SECRET}\n`);
    assert.equal(read({ SESSION_SECRET_FILE: path }).sessionSecret, SECRET);
    assert.throws(() => read({ SESSION_SECRET_FILE: path, SESSION_SECRET: SECRET }), /both set/);
    assert.throws(
      () => read({ SESSION_SECRET_FILE: `${path}x` }),
      /SESSION_SECRET_FILE names .*, which must be/,
    );
  });

  it('reads which proxies to trust', () => {
    const trustProxy = (TRUST_PROXY: string) => read({ TRUST_PROXY }).trustProxy;
    assert.deepEqual(['off', '1', 'loopback, 10.0.0.0/8'].map(trustProxy), [
      false,
      1,
      ['loopback', '10.0.0.0/8'],
    ]);
  });

  const wrong: [NodeJS.ProcessEnv, RegExp][] = [
    [{ PORT: 'abc' }, /^PORT is "abc", but must be a port, 0 to 65535\.$/],
    [{ PORT: '70000' }, /^PORT is "70000"/],
    [{ HTTPS_PORT: '-1' }, /^HTTPS_PORT/],
    [{ HOST: 'a b' }, /^HOST/],
    [{ PUBLIC_URL: 'tongke.example.cn' }, /^PUBLIC_URL .* must be an http or https address without a path/],
    [{ PUBLIC_URL: 'https://tongke.example.cn/path' }, /^PUBLIC_URL/],
    [{ PUBLIC_URL: 'ftp://tongke.example.cn' }, /^PUBLIC_URL/],
    // Everyone on the way would be believed, whoever they are.
    [{ TRUST_PROXY: 'true' }, /^TRUST_PROXY/],
    [
      { MONGODB_URI: 'postgres://a:password@b' },
      /^MONGODB_URI must be an address beginning with mongodb:\/\/\.$/,
    ],
    [{ SESSION_SECRET: 'short' }, /^SESSION_SECRET must be at least 32 random characters\.$/],
    [{ MEDIASOUP_ANNOUNCED_ADDRESS: 'http://1.2.3.4' }, /^MEDIASOUP_ANNOUNCED_ADDRESS/],
    [{ LOG_LEVEL: 'loud' }, /^LOG_LEVEL .* must be trace, debug/],
    [{ DEMO: 'yes' }, /^DEMO/],
    [{ TLS_CERT: '/etc/cert.pem' }, /^TLS_KEY must be set too/],
    [{ DATA_DIR: '/dev/null/data' }, /^DATA_DIR is "\/dev\/null\/data", but must be a folder/],
  ];
  for (const [env, sentence] of wrong) {
    it(`refuses ${JSON.stringify(env)} in one sentence`, () => {
      assert.throws(
        () => read(env),
        (error) => {
          assert.ok(error instanceof ConfigError);
          assert.match(error.message, sentence);
          return true;
        },
      );
    });
  }

  /** These are refused where their partner is missing. */
  const IN_PAIRS = ['TLS_CERT', 'TLS_KEY', 'TURN_URLS', 'TURN_SECRET', 'SMTP_HOST'];

  it('is described in .env.example, every variable of it', () => {
    const example = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8');
    for (const line of example.split('\n').filter((text) => /^#?[A-Z_]+=/.test(text))) {
      const [name = '', value = ''] = line.replace(/^#/, '').split('=');
      if (!IN_PAIRS.includes(name)) assert.doesNotThrow(() => read({ [name]: value }), line);
    }
  });
});
