// A tenant KEK's blob: round trip, and rejection under any other name, form, kind or key.
import { describe, expect, it } from 'vitest';
import { canonicalBytes } from '../../src/bytes/canonical-json.ts';
import { newId, newTenantKekId } from '../../src/bytes/ids.ts';
import { macOf } from '../../src/envelope/authenticated-json.ts';
import { withDerived } from '../../src/envelope/secret-key.ts';
import { parseTenant } from '../../src/envelope/tenant-blob.ts';
import {
  encodeTenantKek,
  parseTenantKek,
  type TenantKekBlob,
  tenantKekPath,
  verifyTenantKek,
} from '../../src/envelope/tenant-kek-blob.ts';
import { VaultError } from '../../src/errors.ts';
import { AUDIO, codeOf, keyOf, noiseOf } from './bench.ts';

const KEY = keyOf('metadata key');
const KEK: TenantKekBlob = {
  tenant: AUDIO.tenant,
  id: newTenantKekId(),
  created: '2026-11-25T09:00:00.000Z',
  key: { scheme: 'keyring', id: 'keyring/01a211ee-ea80-714c-92ce-afcec2c791b9', wrap: 3, wrapped: noiseOf(108) },
};
const BLOB = encodeTenantKek(KEK, KEY);

type Members = Record<string, unknown>;

function signed(use: string, changes: Members): Buffer {
  const value: Members = { ...JSON.parse(BLOB.toString()), ...changes };
  return canonicalBytes({ ...value, mac: withDerived(KEY, [use], 64, (key) => macOf(key, value)) });
}

const open = (bytes: Uint8Array): TenantKekBlob => {
  const blob = parseTenantKek(bytes);
  verifyTenantKek(bytes, KEY);
  return blob;
};

describe('the blob of a tenant KEK', () => {
  it('decodes to what was encoded', () => {
    const read = open(BLOB);
    expect({ ...read, key: { ...read.key, wrapped: Buffer.from(read.key.wrapped) } }).toEqual({
      ...KEK,
      key: { ...KEK.key, wrapped: Buffer.from(KEK.key.wrapped) },
    });
  });

  it.each<[string, string, Members]>([
    ['of another format', 'format_unknown', { format: 'callvault/2' }],
    ['of an unknown scheme', 'format_unknown', { key: { ...KEK.key, wrapped: '', scheme: 'none' } }],
    ['under another tenant KEK', 'malformed', { key: { ...KEK.key, wrapped: '', scheme: 'tenant-kek' } }],
    ['with an unknown member', 'malformed', { extra: 1 }],
    ['of a tenant that is no id', 'malformed', { tenant: AUDIO.recording }],
    ['of an id that is none', 'malformed', { id: 'tenant-kek/../../tenant' }],
    ['of a time that is none', 'malformed', { created: 'yesterday' }],
  ])('is rejected %s', (_name, code, changes) => {
    expect(codeOf(() => open(signed('callvault/kek@v1', changes)))).toBe(code);
  });

  it('is rejected as another tenant’s or another KEK’s', () => {
    const text = BLOB.toString();
    for (const other of [
      text.replaceAll(KEK.tenant, newId('ten')),
      text.replace(KEK.id, newTenantKekId()),
      text.replace('09:00:00.000Z', '10:00:00.000Z'),
    ]) {
      expect(other).not.toBe(text);
      expect(codeOf(() => open(Buffer.from(other)))).toBe('integrity');
    }
    expect(codeOf(() => verifyTenantKek(BLOB, keyOf('the metadata key of another tenant')))).toBe('integrity');
    expect(codeOf(() => open(signed('callvault/tenant@v1', {})))).toBe('integrity');
  });

  it('is rejected with a VaultError when any byte outside the wrapped key is changed', () => {
    for (let at = 0; at < BLOB.length; at++) {
      const bad = Buffer.from(BLOB);
      bad.writeUInt8(bad.readUInt8(at) ^ 1, at);
      try {
        // The MAC does not cover the wrapped KEK, its key and its generation: with a change there it does not open.
        expect(open(bad).key).not.toEqual(open(BLOB).key);
      } catch (error) {
        expect(error).toBeInstanceOf(VaultError);
      }
    }
  });

  it('has one path, is never accepted as tenant.json, and rejects ill-formed ids', () => {
    expect(tenantKekPath(KEK.tenant, KEK.id)).toBe(`t/${KEK.tenant}/k/${KEK.id.slice(11)}.json`);
    for (const id of ['tenant-kek/../tenant', KEK.id.slice(11), KEK.id.toUpperCase(), `${KEK.id}x`, AUDIO.recording]) {
      expect(codeOf(() => tenantKekPath(KEK.tenant, id))).toBe('malformed');
    }
    expect(codeOf(() => tenantKekPath(AUDIO.recording, KEK.id))).toBe('malformed');
    expect(codeOf(() => parseTenant(BLOB))).toBe('malformed');
  });
});
