// The ingest key as senders get it: the current public key, signed for this tenant, and never one that callvault did not write.
import { describe, expect, it } from 'vitest';
import { readIngestKeyNote } from '../../src/model/log/ingest-key-note.ts';
import { noteCrypto } from '../../src/vault/core/proofs/note-crypto.ts';
import { verifiersOf } from '../../src/vault/core/proofs/verifier-keys.ts';
import { maintainIngestKeys } from '../../src/vault/keys/ingest/maintain.ts';
import { makeWorld } from '../support/world.ts';
import { sharedWorld } from '../support/worlds.ts';
import { expectProblem } from './problem.ts';

const request = () => ({ signal: AbortSignal.timeout(60_000) });

describe('GET /v1/ingest-key', () => {
  const world = sharedWorld({ signed: true });
  const read = (key: string) => world.call('GET', '/v1/ingest-key', { key });

  it('returns the current key of the caller’s tenant with a note that the signer signed', async () => {
    const { harbour, yunhai, vault } = world;
    await expectProblem(await read(harbour.uploader.key), 503, 'not_available');
    await maintainIngestKeys(vault, request());
    for (const { tenant, uploader } of [harbour, yunhai]) {
      const reply = await read(uploader.key);
      expect(reply.status).toBe(200);
      const body = (await reply.json()) as { id: string; public: string; created: string; note: string };
      const row = await vault.db.read((rows) => rows.ingestKeys.current(tenant), request());
      const publicKey = Buffer.from(row?.public ?? []).toString('base64');
      expect(body).toEqual({ id: row?.id, public: publicKey, created: row?.created, note: row?.note });
      if (vault.signer === null) throw new Error('no signer');
      const [verifier = ''] = verifiersOf(vault.signer, `vault.example/${tenant}`);
      expect(readIngestKeyNote(body.note, verifier, { tenant, origin: 'vault.example' }, noteCrypto)).toEqual({
        id: body.id,
        created: body.created,
        public: new Uint8Array(Buffer.from(body.public, 'base64')),
      });
    }
  });

  it('signs a note that is missing or names another key', async () => {
    const { harbour, yunhai } = world;
    const noted = (await (await read(harbour.uploader.key)).json()) as { note: string };
    const other = (await (await read(yunhai.uploader.key)).json()) as { note: string };
    expect(other.note).not.toBe(noted.note);
    for (const wrong of [null, other.note, 'no note', `${noted.note} `]) {
      world.sql.prepare('update ingest_key set note = ? where tenant = ?').run(wrong, harbour.tenant);
      expect(await (await read(harbour.uploader.key)).json()).toEqual(noted);
    }
  });

  it('returns no public key that callvault did not write', async () => {
    const { harbour, sql } = world;
    const { public: written } = sql.prepare('select public from ingest_key where tenant = ?').get(harbour.tenant) as {
      public: Buffer;
    };
    const replace = sql.prepare('update ingest_key set public = ? where tenant = ?');
    replace.run(Buffer.alloc(32, 9), harbour.tenant);
    await expectProblem(await read(harbour.uploader.key), 500, 'integrity');
    replace.run(written, harbour.tenant);
    expect((await read(harbour.uploader.key)).status).toBe(200);
  });
});

it('GET /v1/ingest-key has no note without a signer', async () => {
  const world = await makeWorld();
  try {
    await maintainIngestKeys(world.vault, request());
    const body = await (await world.call('GET', '/v1/ingest-key', { key: world.harbour.uploader.key })).json();
    expect(body).toMatchObject({ note: null });
  } finally {
    await world.end();
  }
});
