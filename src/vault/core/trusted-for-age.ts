// Trust in the clock for age: what is destroyed because it is old enough waits for it.

import { VaultError } from '../../errors.ts';
import { type AgeTrust, ageTrust } from '../../model/time/age-trust.ts';
import { behindMessage } from '../../model/time/clock-messages.ts';
import { behindBeat } from '../../model/time/own-clock.ts';
import type { Rows } from '../../ports/database.ts';
import { hasDuty } from './process-role.ts';
import type { RequestContext } from './request-context.ts';
import type { Vault } from './vault.ts';

type Deps = Pick<Vault, 'db' | 'clock' | 'processClock'>;

/** How this process's clock is trusted for age at this moment. Throws as `db.read`. */
export async function trustForAge(vault: Deps, request: RequestContext): Promise<AgeTrust> {
  return (await judge(vault, request)).trust;
}

async function judge({ db, processClock }: Deps, request: RequestContext) {
  const newest = await db.read(({ clocks }) => clocks.newestBeat(), request);
  return { newest, trust: ageTrust(processClock.judged(newest)) };
}

/** A trusted process beats each minute: so long after its last beat none is taken for running. */
const SILENT_MS = 180_000;

/**
 * That expiry waits for a clock: when one was last trusted, null never; and until when, RFC 3339, where this process erases
 * and no people must confirm first. Null where a trusted process runs.
 */
export type WaitsForClock = { readonly lastTrusted: string | null; readonly until: string | null };

/** Whether expiry waits for a clock that is trusted for age, by the beats of all processes. `erases`: whether this one erases. */
export async function waitsForClock(
  rows: Pick<Rows, 'clocks'>,
  { clock, processClock }: Pick<Vault, 'clock' | 'processClock'>,
  erases: boolean,
): Promise<WaitsForClock | null> {
  const newest = await rows.clocks.newestBeat();
  const [now, judged] = [clock.now(), processClock.judged(newest)];
  const trust = erases ? ageTrust(judged) : null;
  if (trust?.state === 'trusted') return null;
  const beat = newest === null ? Number.NEGATIVE_INFINITY : Date.parse(newest);
  // What beat before this process began may have been the one that it replaced.
  if (now - beat <= SILENT_MS && (!erases || beat >= judged.started)) return null;
  // The same in every reply, which is compared when it is asked for again.
  const until = trust?.state === 'waiting' ? Math.round(judged.started + judged.ran + trust.afterMs) : null;
  return { lastTrusted: newest, until: until === null ? null : new Date(until).toISOString() };
}

/** Listener for how the clock is trusted for age: for how many seconds not yet, 0 once it is, null until people confirm. */
export type TrustListener = (seconds: number | null) => void;

/**
 * Rounds of one process; each records that this node's clock is trusted, if it is: later starts are judged by it. Returns 0.
 */
export function clockBeater(
  vault: Deps & Pick<Vault, 'settings'>,
  observe: TrustListener,
): (request: RequestContext) => Promise<number> {
  return async (request) => {
    const { newest, trust } = await judge(vault, request);
    observe(trust.state === 'trusted' ? 0 : trust.state === 'waiting' ? Math.ceil(trust.afterMs / 1000) : null);
    if (trust.state !== 'trusted') {
      // A new deployment may have its first event now. Beats that were deleted come back at the next start.
      if (newest === null && trust.gapMs === 0) await beatFirst(vault, request);
      return 0;
    }
    const at = new Date(vault.clock.now()).toISOString();
    await vault.db.note(({ clocks }) => clocks.beat(vault.settings.node, at), request);
    return 0;
  };
}

/**
 * Call it before anything is written. Throws `clock_differs` where the clock is behind the newest beat: a process, or a
 * command that writes, must not begin by it. A deployment without beats gets its first: the time of its newest event, as
 * long as no process has written one by this clock.
 */
export async function requireClockAtStart(
  vault: Pick<Vault, 'db' | 'clock' | 'settings'>,
  request: Pick<RequestContext, 'signal'>,
): Promise<void> {
  const { db, clock, settings } = vault;
  const beat = await db.read(({ clocks }) => clocks.newestBeat(), request);
  const behind = behindBeat(clock.now(), beat);
  if (behind > 0) throw new VaultError('clock_differs', behindMessage(behind), { retryAfter: 60 });
  if (beat === null && hasDuty(settings.role, 'settle')) await beatFirst(vault, request);
}

/** The first beat of a deployment that has an event: its time, before a clock that goes wrong writes a later one. */
async function beatFirst(
  { db, clock, settings }: Pick<Vault, 'db' | 'clock' | 'settings'>,
  request: Pick<RequestContext, 'signal'>,
): Promise<void> {
  const event = await db.read(({ clocks }) => clocks.newestEvent(), request);
  if (event === null) return;
  // An event that is ahead of the clock says nothing of it.
  const first = new Date(Math.min(Date.parse(event), clock.now())).toISOString();
  await db.note(({ clocks }) => clocks.beat(settings.node, first), request);
}
