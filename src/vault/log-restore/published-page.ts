// Leaves of a segment as the rows that a restore inserts.
import { VaultError } from '../../errors.ts';
import { leafHash, subjectsOf } from '../../model/audit-event.ts';
import { readLeaf } from '../../model/log/leaf.ts';
import type { PublishedEvent, PublishedPage } from '../../ports/rows/repair-rows.ts';

/** Verified leaves as rows, the first at this index. Throws `integrity` for one that is no event. */
export function pageOf(log: string, leaves: readonly Uint8Array[], from: number): PublishedPage {
  let mark = '';
  const events = leaves.map((leaf, at): PublishedEvent => {
    const parsed = readLeaf(leaf);
    if (parsed?.id === undefined) throw new VaultError('integrity', `the event at index ${from + at} cannot be read`);
    mark = parsed.ts;
    return {
      seq: from + at,
      id: parsed.id,
      leaf,
      hash: leafHash(leaf),
      subjects: subjectsOf(log, parsed.action, parsed.object),
    };
  });
  return { events, mark };
}
