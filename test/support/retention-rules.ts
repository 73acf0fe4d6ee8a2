// Retention rules of a tenant in tests, put in force as an approved change does, and the rounds of background work.

import { newId } from '../../src/bytes/ids.ts';
import type { RetentionRules } from '../../src/model/retention/rules.ts';
import { systemActor } from '../../src/vault/core/events/events.ts';
import { activeTenantAndKey } from '../../src/vault/core/tenants/active-tenant.ts';
import { applyRules } from '../../src/vault/retention/apply-rules.ts';
import { rulesApplier } from '../../src/vault/retention/apply-to-recordings.ts';
import type { World } from './world.ts';

const request = () => ({ signal: AbortSignal.timeout(600_000) });

/** Puts rules in force at once, without a change. `busiest`: what the preview would say. */
export async function setRules(
  world: Pick<World, 'vault'>,
  tenant: string,
  set: RetentionRules,
  busiest = 0,
): Promise<string> {
  const { vault } = world;
  const retention = newId('ret');
  const { metadataKey } = await activeTenantAndKey(vault, tenant, request());
  await vault.db.change(async (tx) => {
    const row = await tx.tenants.lock(tenant);
    if (row === null) throw new Error('there is no such tenant');
    const how = { by: systemActor(vault.settings), marks: {}, request: {} };
    const made = await applyRules(vault, tx, metadataKey, row, { retention, set, busiest }, how);
    return { result: undefined, events: [made] };
  }, request());
  return retention;
}

/** Brings every recording to the newest rules. */
export async function applyToAll(world: Pick<World, 'vault'>): Promise<void> {
  const apply = rulesApplier(world.vault);
  while ((await apply(request())) > 0);
}

/** Rules that erase everything so long after the call, with a grace of a day. */
export function eraseAfter(period: RetentionRules['grace'], more: Partial<RetentionRules> = {}): RetentionRules {
  return {
    v: 1,
    grace: 'P1D',
    keep: [],
    erase: [{ id: 'rest', name: 'Rest', when: {}, from: 'call', for: period }],
    ...more,
  };
}
