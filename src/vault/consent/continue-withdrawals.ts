// Background work: withdrawals of consent that have not reached all recordings yet.
import { runAll } from '../core/concurrency.ts';
import { systemActor } from '../core/events/events.ts';
import { forTenant, type RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { type CarryDeps, carryWithdrawal } from './carry-withdrawal.ts';

const MOST = 20;

/**
 * One round over the withdrawals that are due. Returns how many recordings it changed; a failure does not stop the others
 * and is thrown at the end. A tenant whose entries are still replayed waits.
 */
export async function continueWithdrawals(
  vault: CarryDeps & Pick<Vault, 'settings'>,
  request: RequestContext,
): Promise<number> {
  const due = await vault.db.read(async (rows) => rows.consent.due(await rows.now(), MOST), request);
  const how = { actor: systemActor(vault.settings), credential: {}, why: 'consent', words: null } as const;
  const ready = due.filter(({ tenant }) => vault.replayGate.isOpen(tenant));
  return runAll(ready.map((one) => () => carryWithdrawal(vault, one, how, forTenant(request, one.tenant))));
}
