// The check of a stream of amendment entries: the entries up to the first fault, and that fault.
import { hasCode } from '../../errors.ts';
import type { SecretKey } from '../secret-key.ts';
import { type Body, entryDigest, openBody, type Tail, verifyEntry } from './entry.ts';
import { type EntryName, parseEntryPath, type StreamId } from './entry-name.ts';

/**
 * What is wrong with a stream. `amendment_missing`: an entry's blob. `amendment_damaged`: not authentic, not in its place,
 * or of a form that no version writes. `amendment_forked`: authentic, and another one has its number. `amendment_unknown`:
 * of a later version. `amendment_without_row`: authentic, and the database does not have it.
 */
export type AmendmentFault =
  | 'amendment_missing'
  | 'amendment_damaged'
  | 'amendment_forked'
  | 'amendment_unknown'
  | 'amendment_without_row';

/** The first fault: at entry `n` (0 where a name says so), and the names of that number. */
export type StreamFault = { readonly code: AmendmentFault; readonly n: number; readonly paths: readonly string[] };

/** An entry that counts: its digest is the one in its event's leaf. */
export type CheckedEntry<B> = Tail & {
  readonly path: string;
  readonly event: string;
  readonly digest: string;
  readonly body: B;
};

/** The entries before the first fault, in order, and the fault; null where the stream is whole. */
export type CheckedStream<B> = { readonly entries: readonly CheckedEntry<B>[]; readonly fault: StreamFault | null };

/** Row `n` of a stream: the digest of its bytes, and whether its blob is stored. Its blob may be there before it is marked. */
export type EntryRow = { readonly digest: string; readonly stored: boolean };

/** Where a stream is read from, and how. */
export type StreamSource<B> = {
  /** Blob names below the tenant's `a/`, in any order; those of other subjects, and strangers, are passed over. */
  readonly paths: Iterable<string>;
  /** A blob's bytes, null where there is none any more; a blob that is too long may be cut after 65,537 bytes. */
  readonly read: (path: string) => Promise<Uint8Array | null>;
  /** Checks a body and gives it its type. Throws `malformed`, and `format_unknown` for what a later version wrote. */
  readonly readBody: (subject: string, body: Body) => B;
  /** The rows 1, 2, … of the subject, where there is a database. */
  readonly rows?: readonly EntryRow[];
};

/**
 * Checks a stream in the order of docs/format.md, section 8. Without rows, a cut tail and an older authentic entry of a
 * lost branch look whole: the log's leaves show both. Throws what `read` throws, and `key_zeroed`.
 */
export async function checkStream<B>(
  metadataKey: SecretKey,
  stream: StreamId,
  source: StreamSource<B>,
): Promise<CheckedStream<B>> {
  const names = namesByNumber(stream, source.paths);
  const entries: CheckedEntry<B>[] = [];
  const stop = (code: AmendmentFault, n: number): CheckedStream<B> => {
    return { entries, fault: { code, n, paths: [...(names.get(n)?.keys() ?? [])] } };
  };
  const rows = source.rows ?? [];
  // Entries are stored in order: rows behind the last blob and the last stored row may still wait for theirs.
  let last = rows.findLastIndex(({ stored }) => stored) + 1;
  for (const n of names.keys()) last = Math.max(last, n);
  if (names.has(0)) return stop('amendment_damaged', 0);
  for (let n = 1; n <= last; n++) {
    const row = rows[n - 1];
    const [name, other] = names.get(n)?.values() ?? [];
    if (name === undefined) return stop('amendment_missing', n);
    if (other !== undefined) return stop('amendment_forked', n);
    const bytes = await source.read(name.path);
    if (bytes === null) return stop('amendment_missing', n);
    const entry = openEntry(metadataKey, name, bytes, entries.at(-1) ?? null, row ?? null, source.readBody);
    if (typeof entry === 'string') return stop(entry, n);
    if (source.rows !== undefined && row === undefined) return stop('amendment_without_row', n);
    entries.push(entry);
  }
  return { entries, fault: null };
}

/**
 * Opens entry `n`, which must follow `tail`, and be the one of `row` where there is one; or returns its fault. Also for
 * the bytes of a row, and for a single entry that a database lacks.
 */
export function openEntry<B>(
  metadataKey: SecretKey,
  name: EntryName,
  bytes: Uint8Array,
  tail: Tail | null,
  row: EntryRow | null,
  readBody: StreamSource<B>['readBody'],
): CheckedEntry<B> | AmendmentFault {
  try {
    const entry = verifyEntry(metadataKey, name, bytes, tail);
    const digest = entryDigest(bytes);
    if (row !== null && row.digest !== digest) return 'amendment_forked';
    const { n, at, mac, event } = entry;
    return { path: name.path, n, at, mac, event, digest, body: readBody(name.subject, openBody(metadataKey, entry)) };
  } catch (error) {
    if (hasCode(error, 'malformed', 'integrity')) return 'amendment_damaged';
    if (hasCode(error, 'format_unknown')) return 'amendment_unknown';
    throw error;
  }
}

/** By number, then by path: a listing may have a name twice, and someone who writes the bucket may add many. */
function namesByNumber({ tenant, subject }: StreamId, paths: Iterable<string>): Map<number, Map<string, EntryName>> {
  const names = new Map<number, Map<string, EntryName>>();
  for (const path of paths) {
    const name = parseEntryPath(path);
    if (name === null || name.tenant !== tenant || name.subject !== subject) continue;
    names.set(name.n, (names.get(name.n) ?? new Map<string, EntryName>()).set(path, name));
  }
  return names;
}
