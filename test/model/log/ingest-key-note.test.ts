// The note of an ingest key: read only as signed for this tenant, whatever else is in it.
import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ingestKeyText, readIngestKeyNote } from '../../../src/model/log/ingest-key-note.ts';
import { namedKey, verifierKey, writeNote } from '../../../src/model/log/note.ts';
import { noteCrypto } from '../../../src/vault/core/proofs/note-crypto.ts';

const TENANT = 'ten_01m88yxtm0f2zv6wb82ekzd997';
const LOG = `vault.example/${TENANT}`;
const KEY = { id: 'ink_01m88yxtm0f61br0t16mwc5453', public: Buffer.alloc(32, 7), created: '2026-11-29T09:00:00.000Z' };

const pair = generateKeyPairSync('ed25519');
const raw = pair.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);

function noteOf(text: string, name = LOG): { readonly note: string; readonly verifier: string } {
  const key = namedKey(name, raw, noteCrypto.sha256);
  const signature = sign(null, Buffer.from(text), pair.privateKey);
  return { note: writeNote({ text, signatures: [{ name, id: key.id, signature }] }), verifier: verifierKey(key) };
}

const { note, verifier } = noteOf(ingestKeyText(LOG, KEY));
const read = (text: string, by: string | null, of: Parameters<typeof readIngestKeyNote>[2] = { tenant: TENANT }) =>
  readIngestKeyNote(text, by, of, noteCrypto);

describe('the note of an ingest key', () => {
  it('names the key, with and without a verifier key', () => {
    const said = { ...KEY, public: new Uint8Array(KEY.public) };
    expect(read(note, verifier)).toEqual(said);
    expect(read(note, verifier, { tenant: TENANT, origin: 'vault.example' })).toEqual(said);
    expect(read(note, null)).toEqual(said);
    expect(note.split('\n').slice(0, 3)).toEqual([
      'callvault/ingest-key@v1',
      LOG,
      `${KEY.id} ${KEY.public.toString('base64')} ${KEY.created}`,
    ]);
  });

  it('is rejected for another tenant, origin or signer, and with a changed byte', () => {
    expect(read(note, verifier, { tenant: 'ten_01m88yxtm0f2zv6wb82ekzd998' })).toBeNull();
    expect(read(note, verifier, { tenant: TENANT, origin: 'other.example' })).toBeNull();
    expect(read(note, null, { tenant: TENANT, origin: 'other.example' })).toBeNull();
    const other = generateKeyPairSync('ed25519').publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
    expect(read(note, verifierKey(namedKey(LOG, other, noteCrypto.sha256)))).toBeNull();
    expect(read(note, 'no verifier key')).toBeNull();
    expect(read(note.replace('ink_01', 'ink_02'), verifier)).toBeNull();
  });

  it('is rejected when it is signed under the name of another log', () => {
    const elsewhere = noteOf(ingestKeyText(LOG, KEY), 'vault.example/deployment');
    expect(read(elsewhere.note, elsewhere.verifier)).toBeNull();
  });

  it.each([
    ['another format', ingestKeyText(LOG, KEY).replace('@v1', '@v2')],
    ['a checkpoint', `${LOG}\n5\n${Buffer.alloc(32).toString('base64')}\n`],
    ['a further line', `${ingestKeyText(LOG, KEY)}more\n`],
    ['no origin', ingestKeyText(`/${TENANT}`, KEY)],
    ['a public key of another length', ingestKeyText(LOG, { ...KEY, public: Buffer.alloc(31) })],
    ['an id that is none', ingestKeyText(LOG, { ...KEY, id: 'key_01m88yxtm0f61br0t16mwc5453' })],
    ['a time that is none', ingestKeyText(LOG, { ...KEY, created: 'now' })],
  ])('is rejected with %s, even signed', (_name, text) => {
    const made = noteOf(text);
    expect(read(made.note, made.verifier)).toBeNull();
    expect(read(made.note, null)).toBeNull();
  });
});
