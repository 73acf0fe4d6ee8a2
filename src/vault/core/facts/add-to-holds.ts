// Holds by rule and what comes later: a new or changed recording that matches is held from its own transaction on.
import { toBase64 } from '../../../bytes/base64.ts';
import type { SecretKey } from '../../../envelope/secret-key.ts';
import { type Hold, type HoldCandidate, isInHoldScope } from '../../../model/hold.ts';
import type { Tenant } from '../../../model/tenant.ts';
import type { Transaction } from '../../../ports/database.ts';
import { openHoldScope } from '../holds/sealed-hold.ts';
import type { Vault } from '../vault.ts';
import { indexesOf } from './indexes.ts';
import { clearColumnsOf, type RawFacts } from './raw-facts.ts';

/** A tenant whose row the transaction holds, with its key. */
type KeyedTenant = { readonly tenant: Tenant; readonly metadataKey: SecretKey };

/** Facts of a recording, and the start of a call whose facts do not say it. */
export type FactsToMatch = { readonly facts: RawFacts; readonly begun: string };

/**
 * Adds the recording to each hold by rule that it matches and has no row of, and returns how many: the caller raises
 * `recording.holds` by that. Background work writes the entries. `before`: the facts that a change replaces; null for a
 * new recording. A hold that is still being placed has not looked at all recordings yet: one that matches before or after
 * the change is held, also where the hold does not continue.
 */
export async function addToHolds(
  tx: Transaction,
  vault: Pick<Vault, 'phones'>,
  of: KeyedTenant,
  recording: string,
  after: FactsToMatch,
  before: FactsToMatch | null,
): Promise<number> {
  const { tenant, metadataKey } = of;
  const ruled = await tx.legalHolds.ruled(tenant.tenant);
  let added = 0;
  for (const hold of ruled) {
    const isMatch = matcherOf(vault, of, hold, metadataKey);
    const moves = hold.state === 'PLACING' && before !== null && (isMatch(before) || isMatch(after));
    if (!moves && !(hold.continuing && isMatch(after))) continue;
    const row = { tenant: tenant.tenant, hold: hold.id, recording, covered: 0, lifted: false };
    if (await tx.legalHolds.add(row)) added += 1;
  }
  return added;
}

function matcherOf(
  { phones }: Pick<Vault, 'phones'>,
  { tenant }: KeyedTenant,
  hold: Hold,
  metadataKey: SecretKey,
): (of: FactsToMatch) => boolean {
  const scope = openHoldScope(metadataKey, hold) ?? {};
  const labels = (scope.indexes ?? []).map(({ label }) => label);
  // Also fields that the tenant no longer searches by.
  const fields = labels.flatMap((label) => (label.startsWith('field:') ? [label.slice('field:'.length)] : []));
  const searched = { country: tenant.country, searchable: [...new Set([...tenant.searchable, ...fields])] };
  const candidate = ({ facts, begun }: FactsToMatch): HoldCandidate => ({
    ...clearColumnsOf(facts, begun),
    indexes:
      labels.length === 0
        ? []
        : indexesOf(metadataKey, phones, facts, searched).map(({ label, value }) => ({
            label,
            value: toBase64(value),
          })),
  });
  return (of) => isInHoldScope(scope, candidate(of));
}
