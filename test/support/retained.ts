// Retention rules for tests: a version in force, as a change writes it.

import { newId } from '../../src/bytes/ids.ts';
import type { RetentionRules } from '../../src/model/retention/rules.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import type { RequestContext } from '../../src/vault/core/request-context.ts';
import { activeTenantAndKey, requireActive } from '../../src/vault/core/tenants/active-tenant.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { applyRules } from '../../src/vault/retention/apply-rules.ts';

/** Rules that keep nothing and erase everything after ten years. */
export const LONG_RULES: RetentionRules = {
  v: 1,
  grace: 'P7D',
  keep: [],
  erase: [{ id: 'rest', name: 'rule-of-one-tenant', when: {}, from: 'call', for: 'P10Y' }],
};

/** Puts rules in force; returns the id of the version. Recordings are brought to it by background work. */
export async function setRules(
  vault: Pick<Vault, 'db' | 'metadataKeys' | 'replayGate'>,
  tenant: string,
  set: RetentionRules,
): Promise<string> {
  const request: RequestContext = { signal: AbortSignal.timeout(600_000) };
  const { metadataKey } = await activeTenantAndKey(vault, tenant, request);
  const retention = newId('ret');
  await vault.db.change(async (tx) => {
    const row = requireActive(await tx.tenants.lock(tenant));
    const by = { by: operatorActor('op-1'), marks: {}, request };
    const made = await applyRules(vault, tx, metadataKey, row, { retention, set, busiest: 0 }, by);
    return { result: null, events: [made] };
  }, request);
  return retention;
}
