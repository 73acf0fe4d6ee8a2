// Counts an auditor's read of their log; a log that is held takes no event, and is the one to look at.
import { VaultError } from '../../../errors.ts';
import type { Caller } from '../../../model/principal.ts';
import { countEvent } from '../events/count-events.ts';
import { actorOf } from '../events/events.ts';
import type { RequestContext } from '../request-context.ts';
import type { Vault } from '../vault.ts';

/** Counts a read of the caller's own log, unless that is held. Throws `audit_unavailable` where the log fails otherwise. */
export async function countLogRead(
  vault: Pick<Vault, 'db' | 'clock'>,
  by: Caller,
  request: RequestContext,
): Promise<void> {
  const object = { id: by.tenant };
  try {
    await countEvent(vault, { tenant: by.tenant, actor: actorOf(by), action: 'log.read', object }, request);
  } catch (error) {
    if (!(error instanceof VaultError) || error.held === undefined) throw error;
  }
}
