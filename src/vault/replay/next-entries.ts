// The entries of a stream that follow its rows: read from the store, each verified against the one before it.
import { type AmendmentFault, type CheckedEntry, openEntry } from '../../envelope/amendments/check-stream.ts';
import { readTail, type Tail } from '../../envelope/amendments/entry.ts';
import type { EntryName, StreamId } from '../../envelope/amendments/entry-name.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { hasCode } from '../../errors.ts';
import type { Amendment } from '../../model/amendments/amendment.ts';
import { readAmendment } from '../../model/amendments/read-amendment.ts';
import { locationOf } from '../../model/tenant.ts';
import type { AmendmentRow } from '../../ports/rows/amendment-rows.ts';
import { type NamedStream, readEntryBlob } from '../core/amendments/stored-streams.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import type { KeyedTenant } from '../rebuild/apply-stream.ts';
import { hoursOf, namesOf, placeOf } from './unknown-streams.ts';

/** Ops that this version has rows for: what adds rows for another op adds it here, and applies it in `apply-stream.ts`. */
const APPLIED: readonly Amendment['op'][] = [
  ...(['facts', 'comment', 'settings', 'policy', 'retention', 'notice', 'withdrawal'] as const),
  ...(['hold', 'cover', 'lift'] as const),
];

/** A fault of a stream, at entry `n`. */
export type ReplayFault = StreamId & { readonly n: number; readonly code: AmendmentFault };

/** An entry to apply. */
export type ReadEntry = CheckedEntry<Amendment> & { readonly bytes: Uint8Array };

/** Entries that follow `last`, the stream's last row; a fault behind them; and whether there are more. */
export type NextEntries = {
  readonly last: AmendmentRow | null;
  readonly entries: readonly ReadEntry[];
  readonly fault: ReplayFault | null;
  readonly more: boolean;
};

/**
 * At most `limit` entries that the rows of a stream lack. A name whose number a row has with another hour is a fork, and
 * is not read. Throws the errors of store and database.
 */
export async function readNext(
  vault: Pick<Vault, 'db' | 'store'>,
  { tenant, metadataKey }: KeyedTenant,
  stream: NamedStream,
  limit: number,
  request: RequestContext,
): Promise<NextEntries> {
  const { subject } = stream;
  const names = namesOf(stream);
  const { last, hours } = await vault.db.read(async (rows) => {
    const end = await rows.amendments.last(tenant.tenant, subject);
    const upTo = names.filter(({ n }) => n <= (end?.n ?? 0));
    return { last: end, hours: await hoursOf(rows, tenant.tenant, upTo) };
  }, request);
  const entries: ReadEntry[] = [];
  const stop = (n: number, code: AmendmentFault | null, more = false): NextEntries => {
    const fault = code === null ? null : { tenant: tenant.tenant, subject, n, code };
    return { last, entries, fault, more };
  };
  const end = last?.n ?? 0;
  if (names.some(({ n }) => n === 0)) return stop(0, 'amendment_damaged');
  const forked = names.find((name) => name.n <= end && hours.get(placeOf(name)) !== name.hour);
  if (forked !== undefined) return stop(forked.n, 'amendment_forked');
  const tail = last === null ? null : tailOf(metadataKey, last);
  if (tail === 'damaged') return stop(end, 'amendment_damaged');
  const later = byNumber(names.filter(({ n }) => n > end));
  const greatest = Math.max(end, ...later.keys());
  for (let n = end + 1; n <= greatest; n++) {
    if (entries.length === limit) return stop(n, null, true);
    const [name, other] = later.get(n) ?? [];
    if (name === undefined) return stop(n, 'amendment_missing');
    if (other !== undefined) return stop(n, 'amendment_forked');
    const bytes = await readEntryBlob(vault, locationOf(tenant), name.path, request);
    if (bytes === null) return stop(n, 'amendment_missing');
    const entry = openEntry(metadataKey, name, bytes, entries.at(-1) ?? tail, null, readAmendment);
    if (typeof entry === 'string') return stop(n, entry);
    if (!APPLIED.includes(entry.body.op)) return stop(n, 'amendment_unknown');
    entries.push({ ...entry, bytes });
  }
  return stop(greatest, null);
}

function byNumber(names: readonly EntryName[]): ReadonlyMap<number, readonly EntryName[]> {
  const numbers = new Map<number, EntryName[]>();
  for (const name of names) numbers.set(name.n, [...(numbers.get(name.n) ?? []), name]);
  return numbers;
}

function tailOf(metadataKey: SecretKey, row: AmendmentRow): Tail | 'damaged' {
  try {
    return readTail(metadataKey, row, row.n, row.at, row.entry);
  } catch (error) {
    if (hasCode(error, 'malformed', 'integrity', 'format_unknown')) return 'damaged';
    throw error;
  }
}
