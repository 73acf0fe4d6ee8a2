// The columns that say how long a recording stays, from its facts under the rules in force.
import type { SecretKey } from '../../../envelope/secret-key.ts';
import type { Facts } from '../../../model/facts.ts';
import type { Recording } from '../../../model/recording.ts';
import { ruledFactsOf } from '../../../model/retention/attributes.ts';
import { dueOf, type LifetimeCause, lifetimeOf } from '../../../model/retention/lifetime.ts';
import type { Tenant } from '../../../model/tenant.ts';
import type { Transaction } from '../../../ports/database.ts';
import { ensureProfile, otherProfile, profileOf } from '../retention/profiles.ts';
import { rulesInForce } from '../retention/rules-in-force.ts';
import type { RawFacts } from './raw-facts.ts';

/** Whose lifetime: the tenant's row is locked, and `before` is the recording's `eraseAfter`, null for a new one. */
export type LifetimeOwner = {
  readonly tenant: Tenant;
  readonly metadataKey: SecretKey;
  readonly recording: Pick<Recording, 'tenant' | 'id'> & Partial<Pick<Recording, 'quarantine' | 'ruled'>>;
  readonly before: string | null;
};

export type LifetimeColumns = Pick<Recording, 'keepUntil' | 'eraseAfter' | 'ruled' | 'profile'>;

/**
 * The columns after a deposit or an amendment, with the row of a new profile. Without rules and without a request to
 * erase it reads nothing. What a rebuild made has none before its release.
 */
export async function lifetimeColumns(
  tx: Transaction,
  { tenant, metadataKey, recording, before }: LifetimeOwner,
  facts: RawFacts,
  begun: string,
  cause: LifetimeCause,
): Promise<LifetimeColumns> {
  const version = await rulesInForce(tx, metadataKey, tenant);
  const known = facts as unknown as Facts;
  const due = dueOf(version?.rules ?? null, known, begun);
  const isRebuilt = recording.quarantine?.includes('rebuilt') === true;
  const lifetime = lifetimeOf(version, due, { before, now: await tx.now(), cause });
  if (version === null) return { ...lifetime, ...(isRebuilt ? { eraseAfter: null } : {}), profile: null };
  // A preview reads it by itself: what was asked for does not follow the rules.
  if (due.asked) return { ...lifetime, ...(isRebuilt ? { eraseAfter: null } : {}), profile: otherProfile(metadataKey) };
  const row = profileOf(metadataKey, tenant.tenant, version.rules, ruledFactsOf(known, begun).attributes);
  const profile = await ensureProfile(tx.retention, tx.retention, metadataKey, row);
  return { ...lifetime, ...(isRebuilt ? { eraseAfter: null } : {}), profile };
}
