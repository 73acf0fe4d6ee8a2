// Tombstone lists as tests plant them in a folder store.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { newId } from '../../src/bytes/ids.ts';
import { type ErasedRecording, encodeTombstoneList, tombstoneListPath } from '../../src/envelope/tombstone-list.ts';
import type { Vault } from '../../src/vault/core/vault.ts';

export const LEAF = Buffer.alloc(32, 7).toString('base64');

const request = () => ({ signal: AbortSignal.timeout(60_000) });

/** The name and the bytes of a list under a tenant's key. */
export async function listOf(
  vault: Vault,
  tenant: string,
  erased: readonly ErasedRecording[],
  { event = newId('evt'), at = new Date().toISOString() } = {},
): Promise<{ readonly path: string; readonly event: string; readonly bytes: Buffer }> {
  const row = await vault.db.read((rows) => rows.tenants.find(tenant), request());
  if (row === null) throw new Error('no tenant');
  const key = await vault.metadataKeys.get(row, request());
  const inOrder = [...erased].sort((one, other) => (one.recording < other.recording ? -1 : 1));
  const bytes = encodeTombstoneList({ tenant, event, leaf: LEAF, erased: inOrder }, key);
  return { path: tombstoneListPath(tenant, event, at), event, bytes };
}

/** Writes a blob into a folder store. */
export async function plantBlob(store: string, path: string, bytes: string | Uint8Array): Promise<void> {
  await mkdir(dirname(join(store, path)), { recursive: true });
  await writeFile(join(store, path), bytes);
}

/** The erased recording of a row. */
export async function erasedOf(vault: Vault, tenant: string, recording: string): Promise<ErasedRecording> {
  const row = await vault.db.read((rows) => rows.recordings.find(tenant, recording), request());
  if (row === null) throw new Error('no recording');
  return { recording, natural: Buffer.from(row.natural) };
}
