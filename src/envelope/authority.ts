// MACs of authority rows: a row that grants access counts only if a process of this deployment wrote it.
import { createHmac } from 'node:crypto';
import { info } from '../bytes/derivation.ts';
import { equalBytes, sha256 } from '../bytes/digest.ts';
import type { SecretKey } from './secret-key.ts';
import { withDerived } from './secret-key.ts';

/** The tables whose rows grant access, by database name. */
export const AUTHORITY_TABLES = [
  ...(['principal', 'api_key', 'sign_in', 'sign_in_link', 'passkey'] as const),
  ...(['policy', 'access_request', 'decision', 'access_grant', 'session', 'change'] as const),
  ...(['team', 'team_member', 'team_queue', 'batch', 'retention'] as const),
] as const;
export type AuthorityTable = (typeof AUTHORITY_TABLES)[number];

/**
 * A row: one member per column, in camelCase. Members are text, integers and bytes, or what the columns store as text and
 * integers: lists of texts, and true or false.
 */
export type AuthorityRow = Readonly<Record<string, unknown>>;

/** Columns outside the MAC: they are written without the tenant's key and grant nothing (the MAC, counters, times of use). */
const LEFT_OUT: ReadonlySet<string> = new Set(
  'mac seen idle_ends last_used counter ranges bytes heard played_minutes unwraps'.split(' '),
);

/**
 * The 32 bytes that authenticate a row: HMAC-SHA-256 over the table and each non-null column, ordered by column name
 * (docs/format.md, section 7). Throws TypeError or RangeError for a value that no column of these tables can hold.
 */
export function authorityMac(metadataKey: SecretKey, table: AuthorityTable, row: AuthorityRow): Buffer {
  const fields: string[] = [table];
  for (const { name, column } of columnsOf(row)) {
    if (row[name] !== null) fields.push(column, textOf(row[name]));
  }
  const meaning = info(...fields);
  return withDerived(metadataKey, ['callvault/authority@v1'], 32, (key) =>
    createHmac('sha256', key).update(meaning).digest(),
  );
}

/** Whether the row's MAC verifies, compared in constant time. */
export function isRowAuthentic(metadataKey: SecretKey, table: AuthorityTable, row: AuthorityRow): boolean {
  const { mac } = row;
  if (!(mac instanceof Uint8Array) || mac.length !== 32) return false;
  try {
    return equalBytes(mac, authorityMac(metadataKey, table, row));
  } catch (error) {
    // No process of callvault writes such a value: text that is not Unicode, a number that is not an integer.
    if (error instanceof RangeError || error instanceof TypeError) return false;
    throw error;
  }
}

type Column = { readonly name: string; readonly column: string };

/** Cache of the columns under the MAC, in order, by the row's member names: code writes those, in a few dozen ways. */
const COLUMNS = new Map<string, readonly Column[]>();

function columnsOf(row: AuthorityRow): readonly Column[] {
  const names = Object.keys(row);
  const known = COLUMNS.get(names.join(' '));
  if (known !== undefined) return known;
  const columns = names
    .map((name) => ({ name, column: name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`) }))
    .filter(({ column }) => !LEFT_OUT.has(column))
    .sort((a, b) => (a.column < b.column ? -1 : 1));
  COLUMNS.set(names.join(' '), columns);
  return columns;
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (Array.isArray(value) && value.every((member) => typeof member === 'string')) return value.join(',');
  if (value instanceof Uint8Array) return sha256(value).toString('hex');
  throw new TypeError('an authority row holds text, integers, bytes, lists of texts, true and false only');
}
