// Forgetting replies whose seven days are over, and claims of processes that died.
import type { RequestContext } from '../request-context.ts';
import type { Vault } from '../vault.ts';

/** Deletes them and returns how many. */
export function forgetReplies(vault: Pick<Vault, 'db' | 'clock'>, request: RequestContext): Promise<number> {
  const now = new Date(vault.clock.now()).toISOString();
  return vault.db.note((notes) => notes.idempotency.forget(now), request);
}
