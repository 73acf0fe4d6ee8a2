// Where a log is published: its segments next to its tenant's blobs, its checkpoints in the anchor.
import { logName } from '../../model/audit-event.ts';
import { locationOf, type StoreLocation } from '../../model/tenant.ts';
import { DEPLOYMENT } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import type { Shelf } from './published.ts';

type Deps = Pick<Vault, 'db' | 'store' | 'anchor' | 'settings'>;

/** The shelves of a log. `anchor`: null where none is configured. */
export type Shelves = { readonly segments: Shelf; readonly anchor: Shelf | null };

/** The shelves of a log; null where its tenant does not exist. */
export async function shelvesOf(vault: Deps, log: string, request: RequestContext): Promise<Shelves | null> {
  const { location } = vault.settings;
  if (log === DEPLOYMENT) return shelvesIn(vault, log, location);
  const tenant = await vault.db.read((rows) => rows.tenants.find(log), request);
  return tenant === null ? null : shelvesIn(vault, log, locationOf(tenant));
}

/** The shelves of a log; those of a tenant without a row are at `otherwise`. */
export async function shelvesAt(
  vault: Deps,
  log: string,
  otherwise: StoreLocation,
  request: RequestContext,
): Promise<Shelves> {
  return (await shelvesOf(vault, log, request)) ?? shelvesIn(vault, log, otherwise);
}

function shelvesIn({ store, anchor, settings }: Deps, log: string, location: StoreLocation): Shelves {
  const kept = anchor === null ? null : { ...anchor, folder: `${logName(settings.origin, log)}/` };
  const folder = log === DEPLOYMENT ? `${DEPLOYMENT}/l/` : segmentPrefix(log);
  return { segments: { store, location, folder }, anchor: kept };
}

/** The folder of a tenant's segments. */
export function segmentPrefix(tenant: string): string {
  return `t/${tenant}/l/`;
}
