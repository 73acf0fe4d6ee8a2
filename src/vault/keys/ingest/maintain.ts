// The background work of ingest keys: each tenant gets one, a new one every year, and notes by the signer in use.
import { hasCode } from '../../../errors.ts';
import type { IngestKeyRow } from '../../../model/ingest-key.ts';
import type { Tenant } from '../../../model/tenant.ts';
import { runAll } from '../../core/concurrency.ts';
import { systemActor } from '../../core/events/events.ts';
import type { RequestContext } from '../../core/request-context.ts';
import { requireAuthentic } from './authentic.ts';
import { type CreateDeps, createIngestKey } from './create.ts';
import { isNoteOf, signIngestKey } from './note.ts';

const YEAR_MS = 365 * 24 * 3_600_000;

/**
 * A round: creates the ingest key of each active tenant that has none or one that is a year old, and signs current keys
 * without a note by this process's signer. Returns how much it did. A failure for one tenant does not stop the others; the
 * first error is thrown at the end.
 */
export async function maintainIngestKeys(vault: CreateDeps, request: RequestContext): Promise<number> {
  const { tenants, current } = await vault.db.read(
    async (rows) => ({ tenants: await rows.tenants.all(), current: await rows.ingestKeys.allCurrent() }),
    request,
  );
  const keys = new Map(current.map((row) => [row.tenant, row]));
  const active = tenants.filter(({ state, tenant }) => state === 'ACTIVE' && !vault.metadataKeys.isBlocked(tenant));
  return runAll(active.map((tenant) => () => maintain(vault, tenant, keys.get(tenant.tenant) ?? null, request)));
}

async function maintain(
  vault: CreateDeps,
  tenant: Tenant,
  key: IngestKeyRow | null,
  request: RequestContext,
): Promise<boolean> {
  if (key === null || Date.parse(key.created) + YEAR_MS <= vault.clock.now()) {
    try {
      await createIngestKey(vault, systemActor(vault.settings), tenant, 'new', request);
      return true;
    } catch (error) {
      // Another process was first, or the tenant changes: the next round looks again.
      if (hasCode(error, 'conflict')) return false;
      throw error;
    }
  }
  if (key.note !== null && isNoteOf(vault, key, key.note)) return false;
  if (vault.signer?.signs !== true) return false;
  await requireAuthentic(vault, tenant, key, request);
  const note = signIngestKey(vault, key);
  if (note === null) return false;
  await vault.db.note((notes) => notes.ingestKeys.signed(key.tenant, key.id, note), request);
  return true;
}
