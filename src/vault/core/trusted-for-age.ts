// Trust in the clock for age: what is destroyed because it is old enough waits for it.

import { VaultError } from '../../errors.ts';
import { type AgeTrust, ageTrust } from '../../model/time/age-trust.ts';
import { behindMessage } from '../../model/time/clock-messages.ts';
import { behindBeat } from '../../model/time/own-clock.ts';
import type { Rows } from '../../ports/database.ts';
import type { RequestContext } from './request-context.ts';
import type { Vault } from './vault.ts';

type Deps = Pick<Vault, 'db' | 'clock' | 'processClock'>;

/** How this process's clock is trusted for age at this moment. Throws as `db.read`. */
export async function trustForAge({ db, processClock }: Deps, request: RequestContext): Promise<AgeTrust> {
  const newest = await db.read(({ clocks }) => newestTime(clocks), request);
  return ageTrust(processClock.judged(), newest);
}

async function newestTime({ newestBeat, newestEvent }: Rows['clocks']): Promise<string | null> {
  return (await newestBeat()) ?? newestEvent();
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
    const trust = await trustForAge(vault, request);
    observe(trust.state === 'trusted' ? 0 : trust.state === 'waiting' ? Math.ceil(trust.afterMs / 1000) : null);
    if (trust.state !== 'trusted') return 0;
    const at = new Date(vault.clock.now()).toISOString();
    await vault.db.note(({ clocks }) => clocks.beat(vault.settings.node, at), request);
    return 0;
  };
}

/** Throws `clock_differs` where the clock is behind the newest beat: a process, or a command that writes, must not begin by it. */
export async function requireClockAtStart(
  { db, clock }: Pick<Deps, 'db' | 'clock'>,
  request: RequestContext,
): Promise<void> {
  const newest = await db.read(({ clocks }) => clocks.newestBeat(), request);
  const behind = behindBeat(clock.now(), newest);
  if (behind > 0) throw new VaultError('clock_differs', behindMessage(behind), { retryAfter: 60 });
}
