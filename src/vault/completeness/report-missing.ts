// Background work: calls whose audio did not come in time are in the log, each once.
import { eventList } from '../../model/audit-event.ts';
import { event, systemActor } from '../core/events/events.ts';
import { groupBy } from '../core/group-by.ts';
import { forTenant, type RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';

/** Recordings of an event, and the most of a round. */
const BATCH = 200;
const ROUND = 2_000;

/**
 * Writes `recording.missing` for calls that are missing by now, some of a source in one event. Returns how many. Needs no
 * key. A suspended tenant waits.
 */
export async function reportMissing(
  vault: Pick<Vault, 'db' | 'settings' | 'replayGate'>,
  request: RequestContext,
): Promise<number> {
  const due = await vault.db.read(async ({ completeness, now }) => completeness.overdue(await now(), ROUND), request);
  let reported = 0;
  for (const [tenant, calls] of groupBy(due, (one) => one.tenant)) {
    if (!vault.replayGate.isOpen(tenant)) continue;
    for (let at = 0; at < calls.length; at += BATCH) {
      const ids = calls.slice(at, at + BATCH).map(({ id }) => id);
      reported += await report(vault, tenant, ids, forTenant(request, tenant));
    }
  }
  return reported;
}

async function report(
  vault: Pick<Vault, 'db' | 'settings'>,
  tenant: string,
  ids: readonly string[],
  request: RequestContext,
): Promise<number> {
  const { result } = await vault.db.change(async (tx) => {
    const [row, now] = await Promise.all([tx.tenants.share(tenant), tx.now()]);
    if (row?.state !== 'ACTIVE') return { result: 0, unchanged: true };
    const missing = await tx.completeness.lockOverdue(tenant, ids, now);
    if (missing.length === 0) return { result: 0, unchanged: true };
    await tx.completeness.setMissing(
      tenant,
      missing.map(({ id }) => id),
      now,
    );
    const by = systemActor(vault.settings);
    const events = [...groupBy(missing, ({ source }) => source ?? '')].map(([source, some]) => {
      const recordings = eventList(some.map(({ id }) => id));
      return event(tenant, by, 'recording.missing', { id: tenant, source, recordings }, request);
    });
    return { result: missing.length, events };
  }, request);
  return result;
}
