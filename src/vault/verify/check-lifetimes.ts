// The check of what a tenant's stream says against the rows of what keeps recordings: versions of the retention rules and the
// one in force, notices, withdrawals of consent.
import { canonicalBytes, canonicalDigest, type Json } from '../../bytes/canonical-json.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { hasCode } from '../../errors.ts';
import type {
  Amendment,
  AmendmentEntry,
  NoticeAmendment,
  WithdrawalAmendment,
} from '../../model/amendments/amendment.ts';
import type { RetentionRow } from '../../model/retention/rows.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { Rows } from '../../ports/database.ts';
import type { Notice, Withdrawal } from '../../ports/rows/consent-rows.ts';
import type { IndexValue } from '../../ports/rows/recording-rows.ts';
import { allPages } from '../core/all-pages.ts';
import { labelledIndexes, openNoticeText } from '../core/consent/consent-rows.ts';
import { rulesDigest } from '../core/retention/rules-in-force.ts';

/** The rows, and the version that the tenant's row names. */
export type LifetimeRows = {
  readonly inForce: string | null;
  readonly versions: readonly RetentionRow[];
  readonly notices: readonly Notice[];
  readonly withdrawals: readonly WithdrawalRow[];
};

type WithdrawalRow = { readonly row: Withdrawal; readonly indexes: readonly IndexValue[] };

/** What differs, and the last entry that says it; of a row that no entry says, the last of its kind, or of all. */
export type LifetimeFault = {
  readonly kind: 'settings_differ';
  readonly n: number;
  readonly why: 'retention' | 'notice' | 'withdrawal';
};

type Entries = readonly (AmendmentEntry & { readonly n: number })[];

/** The rows of a tenant, in one snapshot. */
export async function readLifetimeRows(
  { retention, consent }: Pick<Rows, 'retention' | 'consent'>,
  { tenant, retention: inForce }: Tenant,
): Promise<LifetimeRows> {
  const withdrawals: WithdrawalRow[] = [];
  for (const row of await allPages((before, limit) => consent.withdrawals(tenant, before, limit)))
    withdrawals.push({ row, indexes: await consent.indexesOf(tenant, row.id) });
  return {
    inForce,
    versions: await allPages((before, limit) => retention.versions(tenant, before, limit)),
    notices: await consent.notices(tenant),
    withdrawals,
  };
}

/** What of the rows two readings compare. */
export function lifetimeVersionOf({ inForce, versions, notices, withdrawals }: LifetimeRows): Json {
  return [
    inForce,
    versions.map(({ id }) => id),
    notices.map(nameOf),
    withdrawals.map(({ row, indexes }) => [row.id, indexes.length]),
  ];
}

/** The first difference between a whole stream and the rows. */
export function lifetimeFault(metadataKey: SecretKey, rows: LifetimeRows, entries: Entries): LifetimeFault | null {
  return (
    retentionFault(metadataKey, rows, entries) ??
    noticeFault(metadataKey, rows, entries) ??
    withdrawalFault(rows, entries)
  );
}

function retentionFault(
  metadataKey: SecretKey,
  { inForce, versions }: LifetimeRows,
  entries: Entries,
): LifetimeFault | null {
  const said = entries.flatMap(({ n, body }) => (body.op === 'retention' ? [{ n, body }] : []));
  const rows = new Map(versions.map((row) => [row.id, row]));
  const other = said.find(({ body: { id, body } }) => {
    const row = rows.get(id);
    return row === undefined || digestOf(metadataKey, row) !== canonicalDigest(body);
  });
  if (other !== undefined) return fault('retention', other.n);
  const ids = new Set(said.map(({ body }) => body.id));
  const last = said.at(-1);
  // The newest version is the one in force.
  const isInForce = inForce === (last?.body.id ?? null);
  const isSaid = versions.every(({ id }) => ids.has(id));
  return isInForce && isSaid ? null : fault('retention', last?.n ?? lastOf(entries));
}

function noticeFault(metadataKey: SecretKey, { notices }: LifetimeRows, entries: Entries): LifetimeFault | null {
  const said = byName(entries, 'notice', nameOf);
  const rows = new Map(notices.map((row) => [nameOf(row), row]));
  for (const [name, { n, body }] of said) {
    const row = rows.get(name);
    if (row === undefined || textOf(metadataKey, row) !== body.text) return fault('notice', n);
  }
  const isSaid = notices.every((row) => said.has(nameOf(row)));
  return isSaid ? null : fault('notice', [...said.values()].at(-1)?.n ?? lastOf(entries));
}

function withdrawalFault({ withdrawals }: LifetimeRows, entries: Entries): LifetimeFault | null {
  const said = byName(entries, 'withdrawal', ({ id }) => id);
  const rows = new Map(withdrawals.map((one) => [one.row.id, one]));
  for (const [id, { n, body }] of said) if (!isAsSaid(rows.get(id), body)) return fault('withdrawal', n);
  const isSaid = withdrawals.every(({ row }) => said.has(row.id));
  return isSaid ? null : fault('withdrawal', [...said.values()].at(-1)?.n ?? lastOf(entries));
}

/** Whom it is about are the values of its indexes: without them it reaches no later call. */
function isAsSaid(found: WithdrawalRow | undefined, { at, purposes, indexes }: WithdrawalAmendment): boolean {
  if (found === undefined) return false;
  const { row } = found;
  const columns = [row.at, row.purposes, labelledIndexes(found.indexes)] as unknown as Json;
  return canonicalBytes(columns).equals(canonicalBytes([at, purposes, indexes] as unknown as Json));
}

type Said<Op extends Amendment['op']> = { readonly n: number; readonly body: Extract<Amendment, { op: Op }> };

/** What entries of an op say, the last of each name. */
function byName<Op extends 'notice' | 'withdrawal'>(
  entries: Entries,
  op: Op,
  name: (body: Extract<Amendment, { op: Op }>) => string,
): Map<string, Said<Op>> {
  const isOf = (body: Amendment): body is Extract<Amendment, { op: Op }> => body.op === op;
  return new Map(entries.flatMap(({ n, body }) => (isOf(body) ? [[name(body), { n, body }] as const] : [])));
}

function nameOf({ id, version, language }: Pick<NoticeAmendment, 'id' | 'version' | 'language'>): string {
  return `${id}/${version}/${language}`;
}

function fault(why: LifetimeFault['why'], n: number): LifetimeFault {
  return { kind: 'settings_differ', n, why };
}

function lastOf(entries: Entries): number {
  return entries.at(-1)?.n ?? 0;
}

function digestOf(metadataKey: SecretKey, row: RetentionRow): string | null {
  return orNull(() => rulesDigest(metadataKey, row));
}

function textOf(metadataKey: SecretKey, row: Notice): string | null {
  return orNull(() => openNoticeText(metadataKey, row));
}

/** Null where the row is not authentic. */
function orNull(open: () => string): string | null {
  try {
    return open();
  } catch (error) {
    if (hasCode(error, 'integrity', 'malformed')) return null;
    throw error;
  }
}
