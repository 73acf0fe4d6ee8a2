// The current ingest key as senders get it: its public key, with the signer's note.
import { VaultError } from '../../../errors.ts';
import type { RequestContext } from '../../core/request-context.ts';
import { activeTenant } from '../../core/tenants/active-tenant.ts';
import type { Vault } from '../../core/vault.ts';
import { requireAuthentic } from './authentic.ts';
import { isNoteOf, signIngestKey } from './note.ts';

/** The public half of a tenant's current key. `note`: null where nothing signed it yet. */
export type PublishedIngestKey = {
  readonly id: string;
  readonly public: Uint8Array;
  readonly created: string;
  readonly note: string | null;
};

const RETRY_AFTER = 60;

/**
 * The tenant's current ingest key. Throws `not_available` before it has one, `integrity` for a row that callvault did not
 * write, and the errors of key service and database.
 */
export async function readIngestKey(
  vault: Pick<Vault, 'db' | 'metadataKeys' | 'signer' | 'settings'>,
  id: string,
  request: RequestContext,
): Promise<PublishedIngestKey> {
  const tenant = await activeTenant(vault, id, request);
  const row = await vault.db.read((rows) => rows.ingestKeys.current(id), request);
  if (row === null)
    throw new VaultError('not_available', 'the tenant has no ingest key yet', { retryAfter: RETRY_AFTER });
  await requireAuthentic(vault, tenant, row, request);
  const kept = row.note !== null && isNoteOf(vault, row, row.note) ? row.note : null;
  const { public: publicKey, created } = row;
  return { id: row.id, public: publicKey, created, note: kept ?? signIngestKey(vault, row) };
}
