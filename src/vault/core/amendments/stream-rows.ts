// The rows of one stream, each with the digest that its event's leaf has.
import { entryDigest } from '../../../envelope/amendments/entry.ts';
import type { StreamId } from '../../../envelope/amendments/entry-name.ts';
import type { Rows } from '../../../ports/database.ts';
import type { AmendmentRow } from '../../../ports/rows/amendment-rows.ts';

/** A row, with the digest of its bytes. */
export type DigestedRow = AmendmentRow & { readonly digest: string };

/** Rows read at a time: an entry has at most 64 KiB. */
const PAGE = 100;

/** All rows of a stream, in order of their numbers, which may have gaps: nothing in them is verified. */
export async function readStreamRows(
  { amendments }: Pick<Rows, 'amendments'>,
  { tenant, subject }: StreamId,
): Promise<readonly DigestedRow[]> {
  const rows: DigestedRow[] = [];
  for (;;) {
    const page = await amendments.page(tenant, subject, rows.at(-1)?.n ?? 0, PAGE);
    for (const row of page) rows.push({ ...row, digest: entryDigest(row.entry) });
    if (page.length < PAGE) return rows;
  }
}
