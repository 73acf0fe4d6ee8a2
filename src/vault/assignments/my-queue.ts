// The queue of a reviewer: assigned calls to listen to, what is finished, and the day's use of the limits.
import { isUnfinished, type WorkTotals, workTotals } from '../../model/batch.ts';
import { localDayOf } from '../../model/local-time.ts';
import type { Caller } from '../../model/principal.ts';
import { timeZoneOf } from '../../model/time-zone.ts';
import type { QueueCursor } from '../../ports/rows/batch-rows.ts';
import { recordAccessRead } from '../access/record-access-read.ts';
import { policyOf } from '../core/policy/policy-in-force.ts';
import type { RequestContext } from '../core/request-context.ts';
import { requireActive } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { type BatchRef, batchRefs, type WorkView, workViews } from './views.ts';

/** What is used of a day's limit; null: no limit. */
export type DayUse = { readonly used: number; readonly limit: number | null };

export type QueueView = {
  readonly items: readonly (WorkView & { readonly batch: BatchRef | null })[];
  /** Of the caller's grants in batches that are open; `due`: the nearest with unfinished calls. */
  readonly totals: WorkTotals & { readonly due: string | null };
  readonly today: { readonly sessions: DayUse; readonly minutes: DayUse };
};

/** Longer than a clock can run: ten thousand minutes, and its extension. */
const LONGEST_MS = 11_000 * 60_000;

/**
 * The caller's assigned grants: unfinished ones by due, or those finished and returned, last first. Each look is counted.
 * Throws `integrity`.
 */
export async function readMyQueue(
  vault: Pick<Vault, 'db' | 'clock' | 'metadataKeys'>,
  by: Caller,
  {
    finished,
    after,
    limit,
  }: { readonly finished: boolean; readonly after: QueueCursor | null; readonly limit: number },
  request: RequestContext,
): Promise<QueueView> {
  const { metadataKey } = await recordAccessRead(vault, by, request);
  return vault.db.read(async (rows) => {
    const look = await rows.looks.policy(by.tenant);
    const tenant = requireActive(look?.tenant ?? null);
    const { policy } = policyOf(metadataKey, look?.policy ?? null);
    const now = await rows.now();
    const since = new Date(Date.parse(now) - LONGEST_MS).toISOString();
    const zone = timeZoneOf(tenant);
    const { from } = localDayOf(zone, Date.parse(now));
    const [grants, current, used] = await Promise.all([
      finished
        ? rows.batches.finished(by.tenant, by.principal, after, limit)
        : rows.batches.queue(by.tenant, by.principal, { now, since }, after, limit),
      rows.batches.current(by.tenant, by.principal, since),
      rows.sessions.usedBy(by.tenant, by.principal, from, now),
    ]);
    const views = await workViews(rows, metadataKey, by.tenant, grants, now);
    const refs = await batchRefs(
      rows,
      metadataKey,
      by.tenant,
      grants.flatMap(({ batch }) => batch ?? []),
    );
    const [due = null] = current
      .filter((one) => isUnfinished(one, now))
      .flatMap(({ opensUntil }) => opensUntil ?? [])
      .sort();
    const { sessions = null, minutes = null } = policy.perDay ?? {};
    return {
      items: views.map((view) => ({ ...view, batch: refs.get(view.grant.batch ?? '') ?? null })),
      totals: { ...workTotals(current, now), due },
      today: { sessions: { used: used.sessions, limit: sessions }, minutes: { used: used.minutes, limit: minutes } },
    };
  }, request);
}
