// The retention rules in force: the version that a tenant's row names, authenticated, and what it says.
import { canonicalBytes, parseCanonicalObject } from '../../../bytes/canonical-json.ts';
import { sha256 } from '../../../bytes/digest.ts';
import { openColumn, sealColumn } from '../../../envelope/column.ts';
import type { SecretKey } from '../../../envelope/secret-key.ts';
import { VaultError } from '../../../errors.ts';
import type { RulesInForce } from '../../../model/retention/lifetime.ts';
import type { RetentionRow } from '../../../model/retention/rows.ts';
import { type RetentionRules, readRules } from '../../../model/retention/rules.ts';
import type { Tenant } from '../../../model/tenant.ts';
import type { Rows, Transaction } from '../../../ports/database.ts';
import { requireAuthentic, withMac } from '../authority/authority-rows.ts';

type Place = Pick<RetentionRow, 'tenant' | 'id'>;

/** The last version that each key opened: most deposits and amendments find the same. */
const opened = new WeakMap<SecretKey, RulesInForce>();

/**
 * The rules in force; null for a tenant without any. `tenant` is its row as the transaction has locked it, so that a
 * deposit and a new version come one after the other. Reads no row where this process has opened the version before.
 * Throws `integrity` for a version that is missing or not authentic.
 */
export async function rulesInForce(
  rows: Pick<Rows, 'retention'>,
  metadataKey: SecretKey,
  { tenant, retention: id }: Pick<Tenant, 'tenant' | 'retention'>,
): Promise<RulesInForce | null> {
  if (id === null) return null;
  const known = opened.get(metadataKey);
  if (known?.id === id) return known;
  const row = await rows.retention.find(tenant, id);
  if (row === null) throw new VaultError('integrity', 'the retention rules in force are missing');
  const version = openRules(metadataKey, row);
  opened.set(metadataKey, version);
  return version;
}

/** What a version says. Throws `integrity`. */
export function openRules(metadataKey: SecretKey, row: RetentionRow): RulesInForce {
  requireAuthentic(metadataKey, 'retention', row);
  const { id, created: since } = row;
  return { id, since, rules: readRules(parseCanonicalObject(openColumn(metadataKey, placeOf(row), row.body))) };
}

/** The SHA-256 of what a version says, in hex, as its event names it. Throws `integrity`. */
export function rulesDigest(metadataKey: SecretKey, row: RetentionRow): string {
  requireAuthentic(metadataKey, 'retention', row);
  return sha256(openColumn(metadataKey, placeOf(row), row.body)).toString('hex');
}

/** Inserts a version. The tenant's row is to name it in the same transaction. */
export async function insertRules(
  tx: Transaction,
  metadataKey: SecretKey,
  { rules, ...row }: Place & Pick<RetentionRow, 'created' | 'change'> & { readonly rules: RetentionRules },
): Promise<void> {
  const body = sealColumn(metadataKey, placeOf(row), canonicalBytes(rules));
  await tx.retention.insert(withMac(metadataKey, 'retention', { ...row, body }));
}

function placeOf({ tenant, id }: Place) {
  return { tenant, row: id, column: 'body' };
}
