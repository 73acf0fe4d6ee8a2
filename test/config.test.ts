// The configuration: it reports all problems at once, by variable and without values.
import { describe, expect, it } from 'vitest';
import { readConfig, unknownInEnvironment } from '../src/config.ts';
import type { VaultError } from '../src/errors.ts';

const EMBEDDED = {
  CALLVAULT_ORIGIN: 'vault.example',
  CALLVAULT_DATABASE: 'sqlite:/data/vault.db',
  CALLVAULT_STORE: 'folder:/data/store',
  CALLVAULT_KEYS: 'keyring:/data/keyring.json',
  CALLVAULT_KEYRING_ROOT: '/etc/callvault/root.key',
};
const CLOUD = {
  CALLVAULT_ORIGIN: 'vault.example',
  CALLVAULT_DATABASE: 'postgres://vault:s3cret@db.internal:5432/vault',
  CALLVAULT_STORE: 's3://recordings/callvault/eu',
  CALLVAULT_KEYS: 'kms:',
  AWS_REGION: 'cn-north-1',
};

function problems(env: NodeJS.ProcessEnv): { pointers: string[]; message: string } {
  try {
    readConfig(env);
  } catch (error) {
    const { fields, message } = error as VaultError;
    return { pointers: fields.map(({ pointer }) => pointer).sort(), message };
  }
  return { pointers: [], message: '' };
}

describe('the configuration', () => {
  it('accepts the embedded engines, with defaults', () => {
    expect(readConfig(EMBEDDED)).toEqual({
      origin: 'vault.example',
      url: null,
      trustedProxies: [],
      node: 'node-1',
      role: 'all',
      listen: { host: '127.0.0.1', port: 8787 },
      metricsListen: { host: '127.0.0.1', port: 9464 },
      database: { engine: 'sqlite', path: '/data/vault.db' },
      store: { engine: 'folder', path: '/data/store' },
      keys: { engine: 'keyring', path: '/data/keyring.json', root: '/etc/callvault/root.key' },
      signer: [],
      anchor: null,
      sealSeconds: 60,
      erasePerMinute: 60,
      backupDays: null,
      leaseSeconds: 60,
      maxBytes: 83_886_079_999,
      operator: null,
    });
  });

  it('accepts an HSM, with its PIN from a file or a variable, and a token by label or by serial number', () => {
    const hsm = { ...EMBEDDED, CALLVAULT_KEYS: 'pkcs11:token=call%20vault', CALLVAULT_PKCS11_MODULE: '/lib/hsm.so' };
    const keys = {
      engine: 'pkcs11',
      module: '/lib/hsm.so',
      token: 'call vault',
      serial: null,
      nonces: 'random',
      sessions: 4,
    };
    const [file, value] = ['/etc/callvault/pin', '1234'];
    expect(readConfig({ ...hsm, CALLVAULT_PKCS11_PIN_FILE: file }).keys).toEqual({ ...keys, pin: { file } });
    expect(readConfig({ ...hsm, CALLVAULT_PKCS11_PIN: value }).keys).toEqual({ ...keys, pin: { value } });
    const one = { ...hsm, CALLVAULT_KEYS: 'pkcs11:token=a;serial=0f', CALLVAULT_PKCS11_PIN: value };
    expect(readConfig({ ...one, CALLVAULT_PKCS11_SESSIONS: '16' }).keys).toMatchObject({ serial: '0f', sessions: 16 });
    expect(readConfig({ ...one, CALLVAULT_PKCS11_NONCE: 'hsm' }).keys).toMatchObject({ nonces: 'hsm' });
    expect(problems({ ...EMBEDDED, CALLVAULT_KEYS: 'pkcs11:token=a' }).pointers).toEqual([
      'CALLVAULT_PKCS11_MODULE',
      'CALLVAULT_PKCS11_PIN_FILE',
    ]);
    const both = { ...hsm, CALLVAULT_PKCS11_PIN_FILE: file, CALLVAULT_PKCS11_PIN: value };
    expect(problems(both).pointers).toEqual(['CALLVAULT_PKCS11_PIN_FILE']);
  });

  it.each([
    'pkcs11:',
    'pkcs11:token=',
    'pkcs11:token=a?pin-value=s3cret',
    'pkcs11:token=a;pin=s3cret',
    'pkcs11:token=%s3cret',
  ])('rejects the HSM reference %s, and does not repeat it', (keys) => {
    const pin = { CALLVAULT_PKCS11_MODULE: '/lib/hsm.so', CALLVAULT_PKCS11_PIN: '1' };
    const { pointers, message } = problems({ ...EMBEDDED, ...pin, CALLVAULT_KEYS: keys });
    expect(pointers).toEqual(['CALLVAULT_KEYS']);
    expect(message).not.toContain('s3cret');
  });

  it('accepts S3, KMS and PostgreSQL', () => {
    const config = readConfig({ ...CLOUD, CALLVAULT_S3_ENDPOINT: 'http://127.0.0.1:9000', CALLVAULT_S3_ETAG: 'bare' });
    const s3 = { region: 'cn-north-1', bucket: 'recordings', prefix: 'callvault/eu' };
    expect(config).toMatchObject({
      database: { engine: 'postgres', url: CLOUD.CALLVAULT_DATABASE, connections: 10 },
      store: { engine: 's3', ...s3, endpoint: 'http://127.0.0.1:9000', etag: 'bare' },
      keys: { engine: 'kms', region: 'cn-north-1', endpoint: null },
    });
    expect(readConfig({ ...CLOUD, CALLVAULT_STORE: 's3://recordings' }).store).toMatchObject({ prefix: '' });
    expect(readConfig({ ...CLOUD, CALLVAULT_STORE: 's3://recordings/a/' }).store).toMatchObject({ prefix: 'a' });
  });

  it('accepts trusted proxies as addresses and ranges', () => {
    const given = { ...EMBEDDED, CALLVAULT_TRUSTED_PROXIES: '127.0.0.1, 10.0.0.0/8,fd00::/8,::1' };
    expect(readConfig(given).trustedProxies).toEqual(['127.0.0.1', '10.0.0.0/8', 'fd00::/8', '::1']);
  });

  it('names every missing variable', () => {
    expect(problems({}).pointers).toEqual([
      'CALLVAULT_DATABASE',
      'CALLVAULT_KEYS',
      'CALLVAULT_ORIGIN',
      'CALLVAULT_STORE',
    ]);
  });

  it('names the variables that a choice requires, with all other problems', () => {
    const { CALLVAULT_KEYRING_ROOT: _, ...rootless } = EMBEDDED;
    const { AWS_REGION: __, ...nowhere } = CLOUD;
    expect(problems({ ...rootless, CALLVAULT_LISTEN: 'here' }).pointers).toEqual([
      'CALLVAULT_KEYRING_ROOT',
      'CALLVAULT_LISTEN',
    ]);
    expect(problems(nowhere).pointers).toEqual(['AWS_REGION']);
  });

  it.each([
    ['CALLVAULT_DATABASE', 'mysql://u:s3cret@h/d'],
    ['CALLVAULT_DATABASE', 'postgres://u:s3cret@h:port/d'],
    ['CALLVAULT_STORE', 's3://'],
    ['CALLVAULT_STORE', 's3://Bucket/x'],
    ['CALLVAULT_STORE', 's3://bucket/a b'],
    ['CALLVAULT_KEYS', 'kms:alias/s3cret'],
    ['CALLVAULT_DATABASE_CONNECTIONS', '0'],
    ['CALLVAULT_PKCS11_SESSIONS', '65'],
    ['CALLVAULT_PKCS11_NONCE', 's3cret'],
    ['CALLVAULT_ROLE', 'everything'],
    ['CALLVAULT_S3_ENDPOINT', 'ftp://s3cret'],
    ['CALLVAULT_S3_ETAG', 's3cret'],
    ['CALLVAULT_KMS_ENDPOINT', 's3cret'],
    ['CALLVAULT_URL', 's3cret'],
    ['CALLVAULT_ANCHOR', 's3cret'],
    ['CALLVAULT_SEAL_SECONDS', '0'],
    ['CALLVAULT_ERASE_PER_MINUTE', '0'],
    ['CALLVAULT_BACKUP_DAYS', '-1'],
    ['CALLVAULT_BACKUP_DAYS', '1.5'],
    ['CALLVAULT_BACKUP_DAYS', ''],
    ['CALLVAULT_SIGNER', 'a.pem,b.pem,c.pem'],
    ['CALLVAULT_SIGNER', 'a.pem,'],
    ['CALLVAULT_TRUSTED_PROXIES', 's3cret'],
    ['CALLVAULT_TRUSTED_PROXIES', '10.0.0.0/33'],
    ['CALLVAULT_TRUSTED_PROXIES', '10.0.0.1,'],
    ['CALLVAULT_TRUSTED_PROXIES', '10.1'],
    ['AWS_REGION', 's3cret'],
    ['CALLVAULT_LEASE_SECONDS', '1'],
    ['CALLVAULT_MAX_BYTES', '0'],
    ['CALLVAULT_NODE', 'Rita Vale'],
    ['CALLVAULT_OPERATOR', 'Rita Vale'],
  ])('rejects %s=%s and does not repeat the value', (name, value) => {
    const { pointers, message } = problems({ ...CLOUD, [name]: value });
    expect(pointers).toEqual([name]);
    expect(message).not.toMatch(/s3cret|Rita/);
  });
});

describe('variables that nothing reads', () => {
  it.each([
    ['CALLVAULT_SINGER', 'CALLVAULT_SIGNER'],
    ['CALLVAULT_ORGIN', 'CALLVAULT_ORIGIN'],
    ['CALLVAULT_TRUSTED_PROXY', 'CALLVAULT_TRUSTED_PROXIES'],
    ['CALLVAULT_METRIC_LISTEN', 'CALLVAULT_METRICS_LISTEN'],
    ['CALLVAULT_SOMETHING_ELSE', null],
  ])('are found: %s', (name, nearest) => {
    expect(unknownInEnvironment({ ...EMBEDDED, [name]: 'x' })).toEqual([{ name, nearest }]);
  });

  it('are not those that Kubernetes sets for a Service, nor those of other programs', () => {
    const links = {
      CALLVAULT_SERVICE_HOST: '10.0.0.1',
      CALLVAULT_SERVICE_PORT: '8787',
      CALLVAULT_SERVICE_PORT_HTTP: '8787',
      CALLVAULT_PORT: 'tcp://10.0.0.1:8787',
      CALLVAULT_PORT_8787_TCP: 'tcp://10.0.0.1:8787',
      CALLVAULT_PORT_8787_TCP_ADDR: '10.0.0.1',
      CALLVAULT_INGEST_SERVICE_HOST: '10.0.0.2',
      CALLVAULT_INGEST_PORT_8787_TCP_PROTO: 'tcp',
    };
    expect(unknownInEnvironment({ ...EMBEDDED, ...CLOUD, ...links, PGPASSFILE: '/x', SINGER: 'y' })).toEqual([]);
    expect(unknownInEnvironment({ CALLVAULT_PORT: '8787' })).toMatchObject([{ name: 'CALLVAULT_PORT' }]);
  });
});
