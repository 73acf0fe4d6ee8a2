// The erasures of a tenant, by the events that began them: what can be certified.
import type { EraseReason } from '../../model/erasure.ts';
import { idsOf, type Leaf, readLeaf } from '../../model/log/leaf.ts';
import type { Caller } from '../../model/principal.ts';
import type { Rows } from '../../ports/database.ts';
import { countEvent } from '../core/events/count-events.ts';
import { actorOf } from '../core/events/events.ts';
import { readNames } from '../core/personal/names.ts';
import type { RequestContext } from '../core/request-context.ts';
import { metadataKeyOf } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';

/** What one event began to erase; `unfinished` of them are not ERASED yet. */
export type ListedErasure = {
  readonly seq: number;
  readonly leaf: Leaf;
  readonly recordings: readonly string[];
  readonly unfinished: number;
  /** The person, service or operator who erased; null for one without a name. */
  readonly name: string | null;
};

/** `before`: the index below which the page begins; null for the newest. */
export type ErasurePage = {
  readonly reason: EraseReason | null;
  readonly before: number | null;
  readonly limit: number;
};

/** Reads of one call: a reason that few erasures have is looked for in so many times `limit` events. */
const MOST_READS = 10;

/**
 * Erasures, newest first, and the index below which the next page begins; null at the end. One with an unreadable event is
 * left out: `verify` reports it. Throws `not_found` for a tenant that is not active.
 */
export async function listErasures(
  vault: Pick<Vault, 'db' | 'clock' | 'metadataKeys'>,
  by: Caller,
  page: ErasurePage,
  request: RequestContext,
): Promise<{ readonly erasures: readonly ListedErasure[]; readonly next: number | null }> {
  const { tenant } = by;
  await countEvent(vault, { tenant, actor: actorOf(by), action: 'log.read', object: { id: tenant } }, request);
  const metadataKey = await metadataKeyOf(vault, tenant, request);
  return vault.db.read(async (rows) => {
    const { found, next } = await pageOf(rows, tenant, page);
    const names = await readNames(
      rows,
      metadataKey,
      tenant,
      found.map(({ leaf }) => leaf.actor.id),
    );
    return { erasures: found.map((one) => ({ ...one, name: names.get(one.leaf.actor.id) ?? null })), next };
  }, request);
}

type Found = Omit<ListedErasure, 'name'>;

async function pageOf(
  rows: Pick<Rows, 'erasures' | 'log'>,
  tenant: string,
  { reason, before, limit }: ErasurePage,
): Promise<{ readonly found: readonly Found[]; readonly next: number | null }> {
  const found: Found[] = [];
  let below = before ?? Number.MAX_SAFE_INTEGER;
  for (let reads = 0; reads < MOST_READS; reads++) {
    const events = await rows.erasures.events(tenant, below, limit);
    for (const { seq, unfinished } of events) {
      below = seq;
      const [event] = await rows.log.events(tenant, seq, 1);
      const leaf = event?.seq === seq ? readLeaf(event.leaf) : null;
      if (leaf === null || (reason !== null && leaf.object['reason'] !== reason)) continue;
      found.push({ seq, leaf, recordings: idsOf(leaf.object), unfinished });
      if (found.length === limit) return { found, next: below };
    }
    if (events.length < limit) return { found, next: null };
  }
  return { found, next: below };
}
