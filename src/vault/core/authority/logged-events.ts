// The events of the deployment's log that say what a row of it may give.
import { equalBytes } from '../../../bytes/digest.ts';
import { leafHash, type StoredEvent } from '../../../model/audit-event.ts';
import { type Leaf, readLeaf } from '../../../model/log/leaf.ts';
import type { Rows } from '../../../ports/database.ts';
import { DEPLOYMENT } from '../events/events.ts';

/** An event's leaf, null where it is none, or has another hash or place; and the stored hash. */
export type LoggedEvent = { readonly leaf: Leaf | null; readonly hash: Uint8Array };

/** The events about an id from this index on; none where the index is none. */
export async function eventsFrom(
  { log }: Pick<Rows, 'log'>,
  index: number | null,
  id: string,
): Promise<readonly LoggedEvent[]> {
  // SQLite stores what it is given.
  if (!Number.isSafeInteger(index) || index === null || index < 0) return [];
  return (await log.eventsAbout(DEPLOYMENT, index, id)).map((event) => ({ leaf: leafOf(event), hash: event.hash }));
}

function leafOf({ leaf: bytes, hash, seq }: StoredEvent): Leaf | null {
  const leaf = readLeaf(bytes);
  const isOwn = leaf !== null && leaf.seq === seq && leaf.log.endsWith(`/${DEPLOYMENT}`);
  return isOwn && equalBytes(leafHash(bytes), hash) ? leaf : null;
}
