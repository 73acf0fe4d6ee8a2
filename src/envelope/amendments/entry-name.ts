// Blob names of amendment entries (docs/format.md, section 8): one stream a subject, filed by the hour.
import { isId } from '../../bytes/ids.ts';
import { isUtcTime } from '../../bytes/utc-time.ts';
import { VaultError } from '../../errors.ts';

/** The greatest number of an entry: its name has eight digits. */
export const MAX_ENTRY_NUMBER = 99_999_999;

/** Whose facts a stream changes: a recording, a hold, or the tenant itself. */
export type StreamId = { readonly tenant: string; readonly subject: string };

/** What an entry's blob name says: `hour` is yyyymmddhh in UTC, and `n` may be 0, which no entry has. */
export type EntryName = StreamId & { readonly path: string; readonly hour: string; readonly n: number };

/** The hour under which entries of this time are stored: yyyymmddhh, UTC. */
export function entryHour(at: string): string {
  if (!isUtcTime(at)) throw new VaultError('malformed', 'not a time of the format');
  return `${at.slice(0, 4)}${at.slice(5, 7)}${at.slice(8, 10)}${at.slice(11, 13)}`;
}

/** The name prefix of a tenant's entries: of one hour (yyyymmddhh), or of all. */
export function entryPrefix(tenant: string, hour: string | null): string {
  if (!isId(tenant, 'ten') || (hour !== null && !/^\d{10}$/.test(hour))) {
    throw new VaultError('malformed', 'not a tenant id, or not an hour');
  }
  return hour === null ? `t/${tenant}/a/` : `t/${tenant}/a/${hour}/`;
}

/** The blob name of entry `n` of a stream, relative to the tenant's location. Throws `malformed` for ill-formed parts. */
export function entryPath({ tenant, subject }: StreamId, n: number, at: string): string {
  const known = isId(subject, 'rec', 'hld') || subject === tenant;
  if (!known || !Number.isSafeInteger(n) || n < 1 || n > MAX_ENTRY_NUMBER) {
    throw new VaultError('malformed', 'not the identity of an entry');
  }
  return `${entryPrefix(tenant, entryHour(at))}${subject}-${String(n).padStart(8, '0')}.json`;
}

/** Parses an entry's blob name; null for any other name, which no reader of streams looks at. */
export function parseEntryPath(path: string): EntryName | null {
  const [t, tenant = '', a, hour = '', file = '', more] = path.split('/');
  const [, subject = '', digits = ''] = /^([a-z]{3}_[0-9a-z]{26})-(\d{8})\.json$/.exec(file) ?? [];
  const known = t === 't' && a === 'a' && more === undefined && /^\d{10}$/.test(hour);
  if (!known || !isId(tenant, 'ten') || !isId(subject, 'rec', 'hld', 'ten')) return null;
  return { path, tenant, subject, hour, n: Number(digits) };
}
