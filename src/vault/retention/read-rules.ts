// Reading retention: the versions of the rules, what new ones would do, and the state of expiry.
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { Caller } from '../../model/principal.ts';
import type { ExpiryRow, RetentionRow } from '../../model/retention/rows.ts';
import type { RetentionRules } from '../../model/retention/rules.ts';
import type { Rows } from '../../ports/database.ts';
import { countEvent } from '../core/events/count-events.ts';
import { actorOf } from '../core/events/events.ts';
import { NO_PEOPLE, peopleOfVersions, type VersionPeople } from '../core/personal/version-people.ts';
import type { RequestContext } from '../core/request-context.ts';
import { openRules } from '../core/retention/rules-in-force.ts';
import { activeTenantAndKey, requireActive } from '../core/tenants/active-tenant.ts';
import { type WaitsForClock, waitsForClock } from '../core/trusted-for-age.ts';
import type { Vault } from '../core/vault.ts';
import { type DraftedRules, draftRules, type WantedRetention } from './draft-rules.ts';

type Deps = Pick<Vault, 'db' | 'clock' | 'metadataKeys'>;

/** A version of the rules with its number, the first being 1; the people who brought it, by name. */
export type RulesVersion = VersionPeople & {
  readonly row: RetentionRow;
  readonly number: number;
  readonly rules: RetentionRules;
  readonly inForce: boolean;
};

/** A page of versions, newest first, before the one with id `before`. Throws `integrity` where one is not authentic. */
export async function listRules(
  vault: Deps,
  by: Caller,
  { before, limit }: { readonly before: string | null; readonly limit: number },
  request: RequestContext,
): Promise<{ readonly versions: readonly RulesVersion[]; readonly next: string | null }> {
  const { metadataKey } = await activeTenantAndKey(vault, by.tenant, request);
  const found = await vault.db.read(async (rows) => {
    const page = await rows.retention.versions(by.tenant, before, limit + 1);
    const versions = await versionsOf(rows, metadataKey, by.tenant, page.slice(0, limit));
    return { versions, next: page.length > limit ? (page[limit - 1]?.id ?? null) : null };
  }, request);
  await countRead(vault, by, request);
  return found;
}

/** One version. Throws `not_found`, `integrity`. */
export async function readRulesVersion(
  vault: Deps,
  by: Caller,
  id: string,
  request: RequestContext,
): Promise<RulesVersion> {
  const { metadataKey } = await activeTenantAndKey(vault, by.tenant, request);
  const [version] = await vault.db.read(async (rows) => {
    const row = await rows.retention.find(by.tenant, id);
    return row === null ? [] : versionsOf(rows, metadataKey, by.tenant, [row]);
  }, request);
  await countRead(vault, by, request);
  if (version === undefined) throw new VaultError('not_found', 'there is no such version of the retention rules');
  return version;
}

/** What new rules would do, for a person who proposes: nothing is kept. Throws as `draftRules`. */
export async function previewRules(
  vault: Deps,
  by: Caller,
  wanted: WantedRetention,
  request: RequestContext,
): Promise<DraftedRules> {
  const { metadataKey } = await activeTenantAndKey(vault, by.tenant, request);
  const drafted = await draftRules(vault, metadataKey, by.tenant, wanted, request);
  await countRead(vault, by, request);
  return drafted;
}

/**
 * How far expiry is: its row (null without rules ever), how many recordings are due, counted up to 100,000, and whether it
 * waits for a clock that is trusted for age.
 */
export type ExpiryStatus = {
  readonly expiry: ExpiryRow | null;
  readonly due: number;
  readonly now: string;
  readonly waits: WaitsForClock | null;
};

const MOST_COUNTED = 100_000;

/** The state of a tenant's expiry. `erases`: whether this process erases recordings. Throws `not_found`. */
export async function readExpiry(
  vault: Pick<Vault, 'db' | 'clock' | 'processClock'>,
  tenant: string,
  erases: boolean,
  request: RequestContext,
): Promise<ExpiryStatus> {
  return vault.db.read(async (rows) => {
    requireActive(await rows.tenants.find(tenant));
    const now = await rows.now();
    return {
      expiry: await rows.retention.expiry(tenant),
      due: await rows.retention.countDue(tenant, now, MOST_COUNTED),
      now,
      waits: await waitsForClock(rows, vault, erases),
    };
  }, request);
}

/** Counts a reading of rules, their schema or the state of expiry. */
export function countRead(vault: Pick<Vault, 'db' | 'clock'>, by: Caller, request: RequestContext): Promise<void> {
  const object = { type: 'retention', id: by.tenant } as const;
  return countEvent(vault, { tenant: by.tenant, actor: actorOf(by), action: 'change.read', object }, request);
}

async function versionsOf(
  rows: Rows,
  metadataKey: SecretKey,
  tenant: string,
  page: readonly RetentionRow[],
): Promise<RulesVersion[]> {
  const [first] = page;
  if (first === undefined) return [];
  const row = await rows.tenants.find(tenant);
  const number = await rows.retention.countVersions(tenant, first.id);
  const people = await peopleOfVersions(rows, metadataKey, tenant, page);
  return page.map((one, n) => ({
    row: one,
    number: number - n,
    rules: openRules(metadataKey, one).rules,
    inForce: one.id === row?.retention,
    ...(people[n] ?? NO_PEOPLE),
  }));
}
