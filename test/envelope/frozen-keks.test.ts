// Tenant KEKs, their blobs and the data keys under them against the frozen vectors.
import { describe, expect, it } from 'vitest';
import { fromBase64, toBase64 } from '../../src/bytes/base64.ts';
import { encodeEnvelope, parseEnvelope, verifyEnvelope } from '../../src/envelope/envelope.ts';
import { keyContext } from '../../src/envelope/key-context.ts';
import { unwrapLocally, wrapLocally, wrappingVersion } from '../../src/envelope/local-wrap.ts';
import { SecretKey } from '../../src/envelope/secret-key.ts';
import { parseTenant } from '../../src/envelope/tenant-blob.ts';
import { encodeTenantKek, parseTenantKek, tenantKekPath, verifyTenantKek } from '../../src/envelope/tenant-kek-blob.ts';
import { codeOf } from './bench.ts';
import { frozen, hex, keyFrom } from './frozen-vectors.ts';

const vectors = frozen.tenant_kek;
const metadataKey = keyFrom(vectors.metadata_key);
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');

/** Opens completely: form, members, blob name, the KEK with its context, MAC. */
function openWhole(path: string, json: string): string {
  const bytes = Buffer.from(json);
  const { tenant, id, key } = parseTenantKek(bytes);
  if (tenantKekPath(tenant, id) !== path) return 'elsewhere';
  verifyTenantKek(bytes, metadataKey);
  const version = frozen.keyring.versions.find(({ n }) => n === wrappingVersion(key.wrapped));
  const context = keyContext({ use: 'kek', tenant, wrap: key.wrap });
  return unwrapLocally(hex(version?.key ?? ''), context, key.wrapped).toString('hex');
}

describe('a tenant KEK', () => {
  it.each(vectors.keks)('of generation $wrap equals the vector and opens', (kek) => {
    const blob = parseTenantKek(Buffer.from(kek.json));
    expect(text(encodeTenantKek(blob, metadataKey))).toBe(kek.json);
    expect(JSON.parse(kek.json).mac).toBe(kek.mac);
    expect(blob).toMatchObject({ id: kek.id, key: { scheme: 'keyring', wrap: kek.wrap } });
    expect(openWhole(kek.path, kek.json)).toBe(kek.key);
  });

  it.each(vectors.refused)('is rejected: $name', ({ name, json }) => {
    const CODES: Readonly<Record<string, string>> = {
      'wrapped under another KEK': 'malformed',
      'unknown member, its mac right': 'malformed',
      'unknown format, its mac right': 'format_unknown',
    };
    const [first] = vectors.keks;
    let opened = '';
    const code = codeOf(() => {
      opened = openWhole(first?.path ?? '', json);
    });
    if (/^(id|tenant) of another/.test(name)) expect([opened, code]).toEqual(['elsewhere', undefined]);
    else expect(code).toBe(CODES[name] ?? 'integrity');
    // Under another blob name its MAC fails, too.
    if (opened === 'elsewhere') expect(codeOf(() => verifyTenantKek(Buffer.from(json), metadataKey))).toBe('integrity');
  });

  it('cannot wrap a metadata key', () => {
    expect(codeOf(() => parseTenant(Buffer.from(vectors.refused_tenant_json)))).toBe('malformed');
  });

  it.each(vectors.keks)('of generation $wrap wraps the data key of an envelope', (kek) => {
    const context = kek.encryption_context;
    const wrapped = wrapLocally(hex(kek.key), 1, context, hex(vectors.data_key), hex(kek.salt));
    expect(toBase64(wrapped)).toBe(kek.wrapped);
    const envelope = parseEnvelope(Buffer.from(kek.envelope));
    const { tenant, recording, deposit, key } = envelope;
    expect(key).toMatchObject({ scheme: 'tenant-kek', id: kek.id, wrap: kek.wrap });
    expect(keyContext({ use: 'object', tenant, recording, deposit, wrap: key.wrap })).toEqual(context);
    expect(wrappingVersion(key.wrapped)).toBe(1);
    expect(fromBase64(kek.wrapped).equals(key.wrapped)).toBe(true);
    const dataKey = new SecretKey(unwrapLocally(hex(kek.key), context, key.wrapped));
    verifyEnvelope(Buffer.from(kek.envelope), dataKey);
    expect(text(encodeEnvelope(envelope, dataKey))).toBe(kek.envelope);
  });
});
