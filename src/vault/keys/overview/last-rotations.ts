// The last rotation of each tenant's key: read from the deployment's log, and again when a generation rises.
import type { Tenant } from '../../../model/tenant.ts';
import { DEPLOYMENT } from '../../core/events/events.ts';
import { readBackwards } from '../../core/log-reading/read-backwards.ts';
import type { RequestContext } from '../../core/request-context.ts';
import type { Vault } from '../../core/vault.ts';

/** A rotation, as its event describes it. */
export type LastRotation = { readonly at: string; readonly how: string; readonly by: string };

type KnownRotation = { readonly wrap: number; readonly rotation: LastRotation | null };

/** How many pages, of some thousands of events each, are searched for rotations not known yet. */
const MOST_STEPS = 8;
const PAGE = 200;

/** The last rotation of these tenants' keys: null where there was none, or none in the searched part of the log. */
export function lastRotations(
  vault: Pick<Vault, 'db'>,
): (tenants: readonly Tenant[], request: RequestContext) => Promise<ReadonlyMap<string, LastRotation | null>> {
  const known = new Map<string, KnownRotation>();
  return async (tenants, request) => {
    const sought = new Map(
      tenants
        .filter(({ tenant, wrap }) => wrap > 1 && known.get(tenant)?.wrap !== wrap)
        .map((row) => [row.tenant, row]),
    );
    let before: number | null = null;
    for (let step = 0; step < MOST_STEPS && sought.size > 0; step++) {
      const filter = { actions: ['key.rotated'] };
      const { found, next } = await readBackwards(vault, DEPLOYMENT, filter, before, PAGE, request);
      for (const { leaf } of found) {
        const wrap = sought.get(leaf?.object.id ?? '')?.wrap;
        if (leaf === null || wrap === undefined || leaf.object['wrap'] !== wrap) continue;
        const rotation = { at: leaf.ts, how: String(leaf.object['how']), by: leaf.actor.id };
        known.set(leaf.object.id, { wrap, rotation });
        sought.delete(leaf.object.id);
      }
      before = next;
      if (before === null) break;
    }
    for (const { tenant, wrap } of sought.values()) known.set(tenant, { wrap, rotation: null });
    return new Map(tenants.map(({ tenant }) => [tenant, known.get(tenant)?.rotation ?? null]));
  };
}
