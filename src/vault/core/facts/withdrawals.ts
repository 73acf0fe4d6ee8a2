// Withdrawals of consent that reach a call whose facts are about to be stored.
import type { SecretKey } from '../../../envelope/secret-key.ts';
import { withdrawnBy } from '../../../model/consent.ts';
import type { Tenant } from '../../../model/tenant.ts';
import type { Rows } from '../../../ports/database.ts';
import type { IndexValue } from '../../../ports/rows/recording-rows.ts';
import type { Vault } from '../vault.ts';
import { indexesOf } from './indexes.ts';
import { clearColumnsOf, membersOf, type RawFacts } from './raw-facts.ts';

/** A call's facts; `begun` is its start where they do not say it, `setBy` who set the basis (null: the depositor). */
export type FactsToStore = { readonly facts: RawFacts; readonly begun: string; readonly setBy: string | null };

/** Facts that decide which withdrawals reach a call. A withdrawal is by number or by a field of the tenant's. */
const DECIDING = ['numbers', 'fields', 'basis', 'started_at'];

/** Whether a change of facts may bring a call under a withdrawal. */
export function concernsConsent(set: RawFacts): boolean {
  return DECIDING.some((name) => set[name] !== undefined);
}

/** Whether withdrawals can be by this value. */
function isOfWithdrawals({ label }: IndexValue): boolean {
  return label === 'phone' || label.startsWith('field:');
}

/**
 * The facts with what withdrawals say that reach the call; the same object where none does. Under the tenant's lock,
 * which a withdrawal takes exclusively: none is missed. `indexes` of the facts where they are known.
 */
export async function withWithdrawals(
  rows: Pick<Rows, 'consent' | 'now'>,
  vault: Pick<Vault, 'phones'>,
  { tenant, metadataKey }: { readonly tenant: Tenant; readonly metadataKey: SecretKey },
  { facts, begun, setBy }: FactsToStore,
  indexes?: readonly IndexValue[],
): Promise<RawFacts> {
  const basis = membersOf(facts['basis']);
  if (basis['kind'] !== 'consent') return facts;
  const { startedAt } = clearColumnsOf(facts, begun);
  // No withdrawal is of the future.
  if (startedAt >= (await rows.now())) return facts;
  const values = (indexes ?? indexesOf(metadataKey, vault.phones, facts, tenant)).filter(isOfWithdrawals);
  const withdrawn = withdrawnBy(basis, setBy, await rows.consent.reaching(tenant.tenant, values, startedAt));
  return withdrawn === null ? facts : { ...facts, basis: { ...basis, withdrawn } };
}
