// Whether a process may start by its clock, and a command write by it: what trusted processes recorded must not be ahead.
import { VaultError } from '../../errors.ts';
import { behindMessage } from '../../model/time/clock-messages.ts';
import { behindBeat } from '../../model/time/own-clock.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';

/** Throws `clock_differs` where the clock is more than a minute behind the newest beat. */
export async function startCheck(
  { db, clock }: Pick<Vault, 'db' | 'clock'>,
  request: Pick<RequestContext, 'signal'>,
): Promise<void> {
  const newest = await db.read(({ clocks }) => clocks.newestBeat(), request);
  const behindMs = behindBeat(clock.now(), newest);
  if (behindMs > 0) throw new VaultError('clock_differs', behindMessage(behindMs));
}
