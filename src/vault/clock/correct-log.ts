// Puts the clock of one log right, in one transaction: what was made in the wrong time ends with it.
import { equalBytes } from '../../bytes/digest.ts';
import { VaultError } from '../../errors.ts';
import { type Actor, leafHash } from '../../model/audit-event.ts';
import { ACT_MS } from '../../model/change/change.ts';
import { readLeaf } from '../../model/log/leaf.ts';
import { addMilliseconds } from '../../model/sign-in.ts';
import { FLOOR_AHEAD_MS } from '../../model/time/transaction-time.ts';
import { DEPLOYMENT, event } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import type { Ahead, LogAhead } from './ahead.ts';
import { type EndedLater, endLater, NOTHING_ENDED } from './end-later.ts';

type Deps = Pick<Vault, 'db' | 'sessionKeys'>;

/** A log whose clock is right again: its times from and to, and what ended. */
export type CorrectedLog = LogAhead & { readonly to: string; readonly ended: EndedLater['counts'] };

/**
 * Puts the deployment's own log right, and deletes beats that are ahead: at once, since a log that is ahead takes no proposal,
 * and processes that do not start show no page. Null where neither is ahead.
 */
export async function correctDeployment(
  vault: Deps,
  by: Actor,
  { logs, beat }: Ahead,
  request: RequestContext,
): Promise<CorrectedLog | null> {
  if (logs.some(({ log }) => log === DEPLOYMENT)) return correct(vault, by, DEPLOYMENT, null, request);
  if (beat === null) return null;
  const { result } = await vault.db.change(async (tx) => {
    const to = await tx.now();
    const made = event(DEPLOYMENT, by, 'clock.corrected', { id: DEPLOYMENT, from: beat, to, alone: 1 }, request);
    await tx.clocks.deleteBeatsAfter(to);
    return { result: { log: DEPLOYMENT, from: beat, to, ended: { ...NOTHING_ENDED } }, events: [made] };
  }, request);
  return result;
}

/**
 * Which of these logs may be put right now: the deployment's log says that it was decided in the day before, for exactly
 * the time that each has.
 */
export async function decidedAmong(
  { db, clock }: Pick<Vault, 'db' | 'clock'>,
  logs: readonly LogAhead[],
  request: RequestContext,
): Promise<readonly LogAhead[]> {
  const now = new Date(clock.now()).toISOString();
  const decided: LogAhead[] = [];
  for (const ahead of logs) {
    const events = await db.read(async ({ log }) => {
      const size = await log.size(DEPLOYMENT);
      return (await log.eventsOf(DEPLOYMENT, ahead.log, null, 20)).filter(({ seq }) => seq < size);
    }, request);
    const isDecided = events.some(({ leaf: bytes, hash, seq }) => {
      const leaf = readLeaf(bytes);
      if (leaf === null || leaf.seq !== seq || !equalBytes(leafHash(bytes), hash)) return false;
      const isOfIt = leaf.action === 'clock.corrected' && leaf.outcome === 'ok' && leaf.object.id === ahead.log;
      const isNow = addMilliseconds(leaf.ts, -FLOOR_AHEAD_MS) <= now && now < addMilliseconds(leaf.ts, ACT_MS);
      return isOfIt && leaf.log.endsWith(`/${DEPLOYMENT}`) && leaf.object['from'] === ahead.from && isNow;
    });
    if (isDecided) decided.push(ahead);
  }
  return decided;
}

/** Puts a tenant's log right that `decidedAmong` returned. Throws as `db.correct`. */
export function correctTenant(
  vault: Deps,
  by: Actor,
  { log, from }: LogAhead,
  request: RequestContext,
): Promise<CorrectedLog> {
  return correct(vault, by, log, from, request);
}

/** `decided`: the time of the newest event that was decided about; null for any. */
async function correct(
  vault: Deps,
  by: Actor,
  log: string,
  decided: string | null,
  request: RequestContext,
): Promise<CorrectedLog> {
  const { ended, ...corrected } = await vault.db.correct(
    log,
    async (tx, from) => {
      if (decided !== null && decided !== from)
        throw new VaultError('conflict', `the log of ${log} has grown since it was decided: run the command again`);
      const to = await tx.now();
      // Its own log takes no proposal while it is ahead.
      const marks = log === DEPLOYMENT ? { alone: 1 } : {};
      const first = event(log, by, 'clock.corrected', { id: log, from, to, ...marks }, request);
      const done = await endLater(tx, log, to, by, request);
      await tx.clocks.setWorkBack(log, to);
      if (log === DEPLOYMENT) await tx.clocks.deleteBeatsAfter(to);
      return { result: { log, from, to, ended: done }, events: [first, ...done.events] };
    },
    request,
  );
  for (const session of ended.sessions) vault.sessionKeys.end(session);
  return { ...corrected, ended: ended.counts };
}
