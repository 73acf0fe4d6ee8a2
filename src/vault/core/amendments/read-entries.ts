// The entries of a stream from its rows, each verified and in its place.

import { type CheckedEntry, openEntry } from '../../../envelope/amendments/check-stream.ts';
import type { Body, Tail } from '../../../envelope/amendments/entry.ts';
import { entryPath, parseEntryPath, type StreamId } from '../../../envelope/amendments/entry-name.ts';
import type { SecretKey } from '../../../envelope/secret-key.ts';
import { VaultError } from '../../../errors.ts';
import type { Amendment } from '../../../model/amendments/amendment.ts';
import { readAmendment } from '../../../model/amendments/read-amendment.ts';
import type { Rows } from '../../../ports/database.ts';
import type { AmendmentRow } from '../../../ports/rows/amendment-rows.ts';

/** Rows read at a time: an entry has at most 64 KiB. */
const PAGE = 100;

/** An entry of a stream, and what it says. */
export type StreamEntry = CheckedEntry<Amendment>;

/** All entries of a stream, in order. Throws `integrity` where a row is not the one that was written there. */
export function readEntries(
  rows: Pick<Rows, 'amendments'>,
  metadataKey: SecretKey,
  stream: StreamId,
): Promise<readonly StreamEntry[]> {
  return readEntriesAfter(rows, metadataKey, stream, null);
}

/** The entries after `tail`, which was read before; null: all. Throws as `readEntries`. */
export async function readEntriesAfter(
  { amendments }: Pick<Rows, 'amendments'>,
  metadataKey: SecretKey,
  { tenant, subject }: StreamId,
  tail: Tail | null,
): Promise<readonly StreamEntry[]> {
  const entries: StreamEntry[] = [];
  for (let last = tail; ; ) {
    const page = await amendments.page(tenant, subject, last?.n ?? 0, PAGE);
    for (const row of page) {
      const entry = openRow(metadataKey, row, last);
      entries.push(entry);
      last = entry;
    }
    if (page.length < PAGE) return entries;
  }
}

/** The entry of a row that follows `tail`. Throws `integrity`. */
function openRow(metadataKey: SecretKey, row: AmendmentRow, tail: Tail | null): StreamEntry {
  const inPlace = row.n === (tail?.n ?? 0) + 1;
  const name = inPlace ? parseEntryPath(pathOf(row)) : null;
  const read = (subject: string, body: Body): Amendment => readAmendment(subject, body);
  const entry = name === null ? null : openEntry(metadataKey, name, row.entry, tail, null, read);
  if (entry === null || typeof entry === 'string')
    throw new VaultError('integrity', `change ${row.n} of ${row.subject} is not as it was written`);
  return entry;
}

/** The blob name of a row's entry; empty for a row that cannot have one. */
function pathOf({ tenant, subject, n, at }: AmendmentRow): string {
  try {
    return entryPath({ tenant, subject }, n, at);
  } catch {
    return '';
  }
}
