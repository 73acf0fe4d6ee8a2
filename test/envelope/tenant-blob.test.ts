// tenant.json and tombstones: round trips, and rejection of any other key, form or kind.
import { describe, expect, it } from 'vitest';
import { canonicalBytes } from '../../src/bytes/canonical-json.ts';
import { macOf } from '../../src/envelope/authenticated-json.ts';
import { withDerived } from '../../src/envelope/secret-key.ts';
import {
  encodeTenant,
  encodeTombstone,
  openTombstone,
  parseTenant,
  type TenantBlob,
  type Tombstone,
  tenantPath,
  verifyTenant,
} from '../../src/envelope/tenant-blob.ts';
import { VaultError } from '../../src/errors.ts';
import { AUDIO, codeOf, keyOf, noiseOf } from './bench.ts';

const KEY = keyOf('metadata key');
const TENANT: TenantBlob = {
  tenant: AUDIO.tenant,
  created: '2026-11-25T09:00:00.000Z',
  key: { scheme: 'keyring', id: 'keyring/01a211ee-ea80-714c-92ce-afcec2c791b9', wrap: 3, wrapped: noiseOf(108) },
};
const TOMBSTONE: Tombstone = {
  tenant: AUDIO.tenant,
  recording: AUDIO.recording,
  event: 'evt_01m88yxtm0e4nsdyhd0vfzze1c',
  leaf: noiseOf(32).toString('base64'),
};
const BLOB = encodeTenant(TENANT, KEY);
const STONE = encodeTombstone(TOMBSTONE, KEY);

type Members = Record<string, unknown>;

/** The changed document with a MAC under the right key. */
function signed(bytes: Buffer, use: string, changes: Members): Buffer {
  const value: Members = { ...JSON.parse(bytes.toString()), ...changes };
  return canonicalBytes({ ...value, mac: withDerived(KEY, [use], 64, (key) => macOf(key, value)) });
}

const openTenant = (bytes: Uint8Array): TenantBlob => {
  const blob = parseTenant(bytes);
  verifyTenant(bytes, KEY);
  return blob;
};

describe('tenant.json', () => {
  it('decodes to what was encoded', () => {
    const read = openTenant(BLOB);
    expect({ ...read, key: { ...read.key, wrapped: Buffer.from(read.key.wrapped) } }).toEqual({
      ...TENANT,
      key: { ...TENANT.key, wrapped: Buffer.from(TENANT.key.wrapped) },
    });
  });

  it('verifies after its metadata key was re-wrapped', () => {
    const rewrapped = encodeTenant({ ...TENANT, key: { ...TENANT.key, wrap: 4, wrapped: noiseOf(90) } }, KEY);
    expect(rewrapped.equals(BLOB)).toBe(false);
    expect(JSON.parse(rewrapped.toString()).mac).toBe(JSON.parse(BLOB.toString()).mac);
    expect(openTenant(rewrapped).key.wrap).toBe(4);
  });

  it.each<[string, string, Members]>([
    ['of another format', 'format_unknown', { format: 'callvault/2' }],
    ['of an unknown scheme', 'format_unknown', { key: { ...TENANT.key, wrapped: '', scheme: 'none' } }],
    ['under a tenant KEK', 'malformed', { key: { ...TENANT.key, wrapped: '', scheme: 'tenant-kek' } }],
    ['with an unknown member', 'malformed', { extra: 1 }],
    ['of a tenant that is no id', 'malformed', { tenant: AUDIO.recording }],
    ['of a time that is none', 'malformed', { created: 'yesterday' }],
  ])('is rejected %s', (_name, code, changes) => {
    expect(codeOf(() => openTenant(signed(BLOB, 'callvault/tenant@v1', changes)))).toBe(code);
  });

  it('is rejected under another key, another use of the key and an old MAC', () => {
    expect(codeOf(() => verifyTenant(BLOB, keyOf('another')))).toBe('integrity');
    expect(codeOf(() => openTenant(signed(BLOB, 'callvault/tombstone@v1', {})))).toBe('integrity');
    const later = Buffer.from(BLOB.toString().replace('09:00:00.000Z', '10:00:00.000Z'));
    expect(codeOf(() => openTenant(later))).toBe('integrity');
  });

  it('has one path, and none for an ill-formed tenant id', () => {
    expect(tenantPath(AUDIO.tenant)).toBe(`t/${AUDIO.tenant}/tenant.json`);
    expect(codeOf(() => tenantPath('ten_../..'))).toBe('malformed');
    expect(codeOf(() => tenantPath(AUDIO.recording))).toBe('malformed');
  });
});

describe('a tombstone', () => {
  it('decodes to what was encoded', () => {
    expect(openTombstone(STONE, KEY)).toEqual(TOMBSTONE);
  });

  it.each<[string, string, Members]>([
    ['of another format', 'format_unknown', { format: 'callvault/2' }],
    ['with an unknown member', 'malformed', { extra: 1 }],
    ['of a recording that is no id', 'malformed', { recording: AUDIO.deposit }],
    ['of an event that is no id', 'malformed', { event: null }],
    ['of a leaf that is no hash', 'malformed', { leaf: noiseOf(31).toString('base64') }],
  ])('is rejected %s', (_name, code, changes) => {
    expect(codeOf(() => openTombstone(signed(STONE, 'callvault/tombstone@v1', changes), KEY))).toBe(code);
  });

  it.each<[string, () => unknown]>([
    ['under the metadata key of another tenant', () => openTombstone(STONE, keyOf('another'))],
    ['with the MAC of tenant.json', () => openTombstone(signed(STONE, 'callvault/tenant@v1', {}), KEY)],
    [
      'for another recording',
      () =>
        openTombstone(Buffer.from(STONE.toString().replace(AUDIO.recording, `${AUDIO.recording.slice(0, -1)}0`)), KEY),
    ],
  ])('is rejected %s', (_name, open) => {
    expect(codeOf(open)).toBe('integrity');
  });

  it('is rejected with a VaultError when any byte is changed', () => {
    for (let at = 0; at < STONE.length; at++) {
      for (const bit of [1, 0x20, 0x80]) {
        const bad = Buffer.from(STONE);
        bad.writeUInt8(bad.readUInt8(at) ^ bit, at);
        expect(() => openTombstone(bad, KEY)).toThrow(VaultError);
      }
    }
  });

  it('is never accepted as tenant.json, nor the reverse', () => {
    expect(codeOf(() => openTombstone(BLOB, KEY))).toBe('malformed');
    expect(codeOf(() => parseTenant(STONE))).toBe('malformed');
  });
});
