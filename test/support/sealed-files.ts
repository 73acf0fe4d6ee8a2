// Sealed files for tests: sealed as a relay seals them, to the ingest key that the vault's API names.
import { createHash, randomUUID } from 'node:crypto';
import { fromBase64, toBase64 } from '../../src/bytes/base64.ts';
import { type SealedFileMeta, sealFile } from '../../src/envelope/sealed-file.ts';
import { maintainIngestKeys } from '../../src/vault/keys/ingest/maintain.ts';
import type { Cast, World } from './world.ts';

/** What a sender needs of an ingest key: its id, its public key in base64, and when it was made. */
export type PublicIngestKey = { readonly id: string; readonly public: string; readonly created: string };

/** A sealed file and its id. */
export type SealedCall = { readonly id: string; readonly file: Buffer };

/** The tenant's current ingest key, made where it has none yet. */
export async function ingestKeyOf({ vault }: World, { tenant }: Cast): Promise<PublicIngestKey> {
  const request = { signal: AbortSignal.timeout(600_000) };
  await maintainIngestKeys(vault, request);
  const row = await vault.db.read((rows) => rows.ingestKeys.current(tenant), request);
  if (row === null) throw new Error('no ingest key was made');
  return { id: row.id, public: toBase64(row.public), created: row.created };
}

/** Seals one object of a call; `facts` need a `source` and a `call_id`, `meta` replaces what follows from the content. */
export async function sealCall(
  to: { readonly tenant: string; readonly key: PublicIngestKey },
  content: Uint8Array,
  facts: SealedFileMeta['facts'],
  meta: Partial<SealedFileMeta> = {},
): Promise<SealedCall> {
  const id = randomUUID();
  const sha256 = createHash('sha256').update(content).digest('hex');
  const said = { object: 'audio', type: 'audio/wav', size: content.length, sha256, facts, ...meta };
  const of = { tenant: to.tenant, key: to.key.id, id, publicKey: fromBase64(to.key.public) };
  const pieces: Buffer[] = [];
  for await (const piece of sealFile(of, said, once(content))) pieces.push(Buffer.from(piece));
  return { id, file: Buffer.concat(pieces) };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Uploads a sealed file. */
export function putSealed(world: World, of: Cast, { id, file }: SealedCall, more: { readonly key?: string } = {}) {
  const what = { key: more.key ?? of.uploader.key, type: 'application/octet-stream', body: file };
  return world.call('PUT', `/v1/sealed-files/${id}`, what);
}
