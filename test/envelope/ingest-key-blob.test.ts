// An ingest key's blob: round trip, and rejection under any other name, form, kind or key.
import { describe, expect, it } from 'vitest';
import { canonicalBytes } from '../../src/bytes/canonical-json.ts';
import { idUuid, newId } from '../../src/bytes/ids.ts';
import { macOf } from '../../src/envelope/authenticated-json.ts';
import { replaceKeyMember } from '../../src/envelope/envelope.ts';
import {
  encodeIngestKey,
  ingestKeyMac,
  ingestKeyPath,
  isIngestKeyAuthentic,
  parseIngestKey,
  verifyIngestKey,
} from '../../src/envelope/ingest-key-blob.ts';
import { withDerived } from '../../src/envelope/secret-key.ts';
import { parseTenantKek } from '../../src/envelope/tenant-kek-blob.ts';
import { VaultError } from '../../src/errors.ts';
import { AUDIO, codeOf, keyOf, noiseOf } from './bench.ts';

const KEY = keyOf('metadata key');
const INGEST_KEY = {
  tenant: AUDIO.tenant,
  id: newId('ink'),
  created: '2026-11-29T09:00:00.000Z',
  public: Buffer.alloc(32, 9),
  key: { scheme: 'keyring', id: 'keyring/01a211ee-ea80-714c-92ce-afcec2c791b9', wrap: 3, wrapped: noiseOf(108) },
} as const;
const BLOB = encodeIngestKey({ ...INGEST_KEY, mac: ingestKeyMac(INGEST_KEY, KEY) });

type Members = Record<string, unknown>;

function signed(use: string, changes: Members): Buffer {
  const value: Members = { ...JSON.parse(BLOB.toString()), ...changes };
  return canonicalBytes({ ...value, mac: withDerived(KEY, [use], 64, (key) => macOf(key, value)) });
}

const open = (bytes: Uint8Array) => {
  const blob = parseIngestKey(bytes);
  verifyIngestKey(bytes, KEY);
  return blob;
};

describe('the blob of an ingest key', () => {
  it('decodes to what was encoded, with the MAC of its row', () => {
    const read = open(BLOB);
    expect({ ...read, key: { ...read.key, wrapped: Buffer.from(read.key.wrapped) } }).toEqual({
      ...INGEST_KEY,
      key: { ...INGEST_KEY.key, wrapped: Buffer.from(INGEST_KEY.key.wrapped) },
      mac: ingestKeyMac(INGEST_KEY, KEY),
    });
    expect(isIngestKeyAuthentic(read, KEY)).toBe(true);
  });

  it('keeps its MAC when its key member is replaced', () => {
    const key = { ...INGEST_KEY.key, wrap: 4 };
    expect(open(replaceKeyMember(BLOB, key)).key.wrap).toBe(4);
  });

  it.each<[string, string, Members]>([
    ['of another format', 'format_unknown', { format: 'callvault/2' }],
    ['of an unknown scheme', 'format_unknown', { key: { ...INGEST_KEY.key, wrapped: '', scheme: 'none' } }],
    ['under a tenant KEK', 'malformed', { key: { ...INGEST_KEY.key, wrapped: '', scheme: 'tenant-kek' } }],
    ['with an unknown member', 'malformed', { extra: 1 }],
    ['of a tenant that is no id', 'malformed', { tenant: AUDIO.recording }],
    ['of an id that is none', 'malformed', { id: AUDIO.deposit }],
    ['of a time that is none', 'malformed', { created: 'yesterday' }],
    ['with a public key of another length', 'malformed', { public: Buffer.alloc(31).toString('base64') }],
  ])('is rejected %s', (_name, code, changes) => {
    expect(codeOf(() => open(signed('callvault/ingest-key@v1', changes)))).toBe(code);
  });

  it('is rejected as another tenant’s or another key’s, as is its row', () => {
    const text = BLOB.toString();
    for (const other of [
      text.replaceAll(INGEST_KEY.tenant, newId('ten')),
      text.replace(INGEST_KEY.id, newId('ink')),
      text.replace('09:00:00.000Z', '10:00:00.000Z'),
      text.replace(INGEST_KEY.public.toString('base64'), Buffer.alloc(32, 8).toString('base64')),
    ]) {
      expect(other).not.toBe(text);
      expect(codeOf(() => open(Buffer.from(other)))).toBe('integrity');
      expect(isIngestKeyAuthentic(parseIngestKey(Buffer.from(other)), KEY)).toBe(false);
    }
    expect(codeOf(() => verifyIngestKey(BLOB, keyOf('the metadata key of another tenant')))).toBe('integrity');
    expect(codeOf(() => open(signed('callvault/kek@v1', {})))).toBe('integrity');
    expect(isIngestKeyAuthentic({ ...INGEST_KEY, mac: Buffer.alloc(0) }, KEY)).toBe(false);
  });

  it('is rejected with a VaultError when any byte outside the wrapped key is changed', () => {
    for (let at = 0; at < BLOB.length; at++) {
      const bad = Buffer.from(BLOB);
      bad.writeUInt8(bad.readUInt8(at) ^ 1, at);
      try {
        expect(open(bad).key).not.toEqual(open(BLOB).key);
      } catch (error) {
        expect(error).toBeInstanceOf(VaultError);
      }
    }
  });

  it('has one path, by the UUID of its id, and rejects ill-formed ids', () => {
    expect(ingestKeyPath(AUDIO.tenant, 'ink_01m88yxtm0f61br0t16mwc5453')).toBe(
      `t/${AUDIO.tenant}/i/01a211ee-ea80-7982-bc03-413538c290a3.json`,
    );
    expect(idUuid(INGEST_KEY.id)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(() => idUuid('ink_1')).toThrow(RangeError);
    for (const id of ['ink_/../tenant', INGEST_KEY.id.toUpperCase(), `${INGEST_KEY.id}x`, AUDIO.recording])
      expect(codeOf(() => ingestKeyPath(AUDIO.tenant, id))).toBe('malformed');
    expect(codeOf(() => ingestKeyPath(AUDIO.recording, INGEST_KEY.id))).toBe('malformed');
    expect(codeOf(() => parseTenantKek(BLOB))).toBe('malformed');
  });
});
