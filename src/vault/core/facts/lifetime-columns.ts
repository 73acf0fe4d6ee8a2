// The columns that say how long a recording stays, from its facts under the rules in force.
import type { SecretKey } from '../../../envelope/secret-key.ts';
import type { Facts } from '../../../model/facts.ts';
import type { Recording } from '../../../model/recording.ts';
import { ruledFactsOf } from '../../../model/retention/attributes.ts';
import {
  type Due,
  dueOf,
  type Lifetime,
  lifetimeAfter,
  lifetimeOf,
  type RulesInForce,
} from '../../../model/retention/lifetime.ts';
import { sealedDue } from '../../../model/retention/sealed-lifetime.ts';
import type { Tenant } from '../../../model/tenant.ts';
import type { Transaction } from '../../../ports/database.ts';
import { ensureProfile, otherProfile, profileOf } from '../retention/profiles.ts';
import { rulesInForce } from '../retention/rules-in-force.ts';
import { laterFacts } from './later-facts.ts';
import type { RawFacts } from './raw-facts.ts';

/** Whose lifetime: the tenant's row is locked; `changed` is null for a new recording. */
export type LifetimeOwner = {
  readonly tenant: Tenant;
  readonly metadataKey: SecretKey;
  readonly changed: ChangedFacts | null;
};

/** The recording before a change of its facts, with these, and who makes the change. */
type ChangedFacts = {
  readonly row: Pick<Recording, 'tenant' | 'id' | 'keepUntil' | 'eraseAfter' | 'ruled' | 'startedAt'>;
  readonly isRebuilt: boolean;
  readonly facts: RawFacts;
  readonly by: 'platform' | 'person';
};

export type LifetimeColumns = Pick<Recording, 'keepUntil' | 'eraseAfter' | 'ruled' | 'profile'>;

/**
 * The columns after a deposit or an amendment, with the row of a new profile. Without rules and without a request to
 * erase it reads nothing. What a rebuild made has none before its release.
 */
export async function lifetimeColumns(
  tx: Transaction,
  { tenant, metadataKey, changed }: LifetimeOwner,
  facts: RawFacts,
  begun: string,
): Promise<LifetimeColumns> {
  const version = await rulesInForce(tx, metadataKey, tenant);
  const known = facts as unknown as Facts;
  const due = dueOf(version?.rules ?? null, known, begun);
  const lifetime = await lifetimeIn(tx, metadataKey, version, due, facts, changed);
  if (version === null) return { ...lifetime, profile: null };
  // A preview reads it by itself: what was asked for does not follow the rules.
  if (due.asked) return { ...lifetime, profile: otherProfile(metadataKey) };
  const row = profileOf(metadataKey, tenant.tenant, version.rules, ruledFactsOf(known, begun).attributes);
  const profile = await ensureProfile(tx.retention, tx.retention, metadataKey, row);
  return { ...lifetime, profile };
}

async function lifetimeIn(
  tx: Transaction,
  metadataKey: SecretKey,
  version: RulesInForce | null,
  to: Due,
  facts: RawFacts,
  changed: ChangedFacts | null,
): Promise<Lifetime> {
  const now = await tx.now();
  if (changed === null) return lifetimeOf(version, to, { before: null, now });
  const { row, isRebuilt, facts: before, by } = changed;
  const rules = version?.rules ?? null;
  // What a rebuild made has facts from its envelopes alone, and none before.
  const isKnown = before['basis'] !== undefined;
  const from = isKnown ? dueOf(rules, before as unknown as Facts, row.startedAt) : to;
  const change = { from, row, now, by };
  if (isRebuilt) return { ...lifetimeAfter(version, { ...change, to, late: 'no' }), eraseAfter: null };
  const later = version === null || !isKnown ? null : await laterFacts(tx, metadataKey, row, before, facts, now);
  if (later === null) return lifetimeAfter(version, { ...change, to, late: 'no' });
  const due = sealedDue(rules, row.startedAt, later.history);
  return lifetimeAfter(version, { ...change, to: { ...due, asked: to.asked }, late: later.late });
}
