// Stored replies of idempotent requests: the ids that a change stores, and how a repetition finds them.
import type { IdKind } from '../../../bytes/ids.ts';
import { VaultError } from '../../../errors.ts';
import type { Receipt } from '../../../model/audit-event.ts';
import type { Reply, ReplyOutcome } from '../../../model/idempotency.ts';
import { inBatches } from '../concurrency.ts';
import type { RequestContext } from '../request-context.ts';
import type { Vault } from '../vault.ts';

/** The part of a change that stores its reply: nothing for a request without a key. Ids only, never a fact. */
export function replyToStore(
  request: Pick<RequestContext, 'claim'>,
  outcome: ReplyOutcome,
  ...ids: readonly string[]
): { readonly reply?: Reply } {
  const { claim } = request;
  return claim === undefined ? {} : { reply: { claim, outcome, ids } };
}

/** Frees the key of a request whose change wrote nothing: no change stores its reply, so another request may use it. */
export async function releaseUnused(
  vault: Pick<Vault, 'db'>,
  receipts: readonly Receipt[],
  request: RequestContext,
): Promise<void> {
  const { claim } = request;
  if (receipts.length === 0 && claim !== undefined)
    await vault.db.note((notes) => notes.idempotency.release(claim), request);
}

/** The id of this kind, or null. */
export function findId(ids: readonly string[], kind: IdKind): string | null {
  return ids.find((id) => id.startsWith(`${kind}_`)) ?? null;
}

/** A row that a stored reply names. Throws `not_found` where the row was deleted since. */
export function requireStillExists<T>(row: T | null): T {
  if (row === null)
    throw new VaultError('not_found', 'what the first request with this Idempotency-Key created was deleted');
  return row;
}

/** Deletes expired replies and returns how many. */
export function forgetReplies(vault: Pick<Vault, 'db' | 'clock'>, request: RequestContext): Promise<number> {
  const now = new Date(vault.clock.now()).toISOString();
  return inBatches((limit) => vault.db.note((notes) => notes.idempotency.forget(now, limit), request));
}
