// Retiring an old ingest key: its row and its blob are deleted, and files that were sealed to it never open again.
import { ingestKeyPath } from '../../../envelope/ingest-key-blob.ts';
import { VaultError } from '../../../errors.ts';
import type { Actor } from '../../../model/audit-event.ts';
import type { IngestKeyRow } from '../../../model/ingest-key.ts';
import { locationOf } from '../../../model/tenant.ts';
import { event } from '../../core/events/events.ts';
import type { RequestContext } from '../../core/request-context.ts';
import type { Vault } from '../../core/vault.ts';
import { tenantWithKey } from '../rotation.ts';

/** How long a relay may keep files that are sealed to a key which is no longer current. */
const KEPT_DAYS = 90;
const DAY_MS = 24 * 3_600_000;

/**
 * Deletes the row of an old key, then its blob. Throws `not_found`, and `conflict` for the current key and within 90 days
 * of its replacement or of the last file that was sealed to it; and the errors of database and store.
 */
export async function retireIngestKey(
  vault: Pick<Vault, 'db' | 'store'>,
  by: Actor,
  { tenant: of, id }: { readonly tenant: string; readonly id: string },
  request: RequestContext,
): Promise<void> {
  const tenant = await tenantWithKey(vault, of, request);
  await vault.db.change(async (tx) => {
    await tx.tenants.lock(of);
    const keys = await tx.ingestKeys.all(of);
    const key = keys.find((one) => one.id === id);
    if (key === undefined) throw new VaultError('not_found', 'the tenant has no ingest key of this id');
    if (key.state === 'CURRENT')
      throw new VaultError('conflict', 'this is the current key: rotate it first, then wait until no file needs it');
    const from = new Date(Date.parse(usedUntil(key, keys)) + KEPT_DAYS * DAY_MS).toISOString();
    if ((await tx.now()) < from)
      throw new VaultError('conflict', `files sealed to this key may still arrive: it can be retired from ${from} on`);
    if (!(await tx.ingestKeys.delete(of, id)))
      throw new VaultError('conflict', 'a concurrent update changed the ingest key first');
    const last = key.lastFileAt === null ? {} : { last_file: key.lastFileAt };
    return { result: undefined, events: [event(of, by, 'ingest_key.retired', { id, ...last }, request)] };
  }, request);
  // Without a row it opens nothing; a sweep deletes a blob that stays.
  await vault.store.delete(locationOf(tenant), ingestKeyPath(of, id), request);
}

/** When a key was last needed, as far as the rows say: its last file, or the time when the next key replaced it. */
function usedUntil(key: IngestKeyRow, keys: readonly IngestKeyRow[]): string {
  const next = keys.filter(({ created }) => created > key.created).map(({ created }) => created);
  const replaced = next.sort()[0] ?? key.created;
  return key.lastFileAt !== null && key.lastFileAt > replaced ? key.lastFileAt : replaced;
}
