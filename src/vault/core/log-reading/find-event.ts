// An event of a tenant's log near a time: the log finds events by index, and times grow with it.
import { equalBytes } from '../../../bytes/digest.ts';
import { leafHash } from '../../../model/audit-event.ts';
import { type Leaf, readLeaf } from '../../../model/log/leaf.ts';
import { addMilliseconds } from '../../../model/sign-in.ts';
import type { RequestContext } from '../request-context.ts';
import type { Vault } from '../vault.ts';
import { lowerBound } from './lower-bound.ts';

/** Events of one read. */
const PAGE = 200;
/** A row has the time of its transaction, and the event that of its log, which is a moment later where others wrote. */
const BEFORE_MS = 1_000;
const AFTER_MS = 60_000;

/** The first event near this time, of a change that wrote a row then, that is the one wanted; null where the log has none. */
export async function findEventNear(
  vault: Pick<Vault, 'db'>,
  log: string,
  time: string,
  isWanted: (leaf: Leaf) => boolean,
  request: RequestContext,
): Promise<Leaf | null> {
  const [from, to] = [addMilliseconds(time, -BEFORE_MS), addMilliseconds(time, AFTER_MS)];
  const timeAt = async (index: number): Promise<string> => {
    const [event] = await vault.db.read((rows) => rows.log.events(log, index, 1), request);
    return event?.seq === index ? (readLeaf(event.leaf)?.ts ?? '') : '~';
  };
  for (let next = await lowerBound(async (index) => (await timeAt(index)) < from); ; next += PAGE) {
    const start = next;
    const page = await vault.db.read((rows) => rows.log.events(log, start, PAGE), request);
    for (const { leaf: bytes, hash } of page) {
      const leaf = readLeaf(bytes);
      if (leaf === null) continue;
      if (leaf.ts > to) return null;
      if (leaf.outcome === 'ok' && isWanted(leaf) && equalBytes(leafHash(bytes), hash)) return leaf;
    }
    if (page.length < PAGE) return null;
  }
}
