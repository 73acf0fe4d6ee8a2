// Where a log is published: its segments next to its tenant's blobs, its checkpoints in the anchor.
import { logName } from '../../model/audit-event.ts';
import { locationOf } from '../../model/tenant.ts';
import { DEPLOYMENT } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import type { Shelf } from './published.ts';

/** The shelves of a log. `anchor`: null where none is configured. */
export type Shelves = { readonly segments: Shelf; readonly anchor: Shelf | null };

/** The shelves of a log; null where its tenant does not exist. */
export async function shelvesOf(
  vault: Pick<Vault, 'db' | 'store' | 'anchor' | 'settings'>,
  log: string,
  request: RequestContext,
): Promise<Shelves | null> {
  const { store, anchor, settings } = vault;
  const kept = anchor === null ? null : { ...anchor, folder: `${logName(settings.origin, log)}/` };
  if (log === DEPLOYMENT) {
    return { segments: { store, location: settings.location, folder: `${DEPLOYMENT}/l/` }, anchor: kept };
  }
  const tenant = await vault.db.read((rows) => rows.tenants.find(log), request);
  if (tenant === null) return null;
  return { segments: { store, location: locationOf(tenant), folder: segmentPrefix(log) }, anchor: kept };
}

/** The folder of a tenant's segments. */
export function segmentPrefix(tenant: string): string {
  return `t/${tenant}/l/`;
}
