// What a change stores of its reply, and how the ids in it are found again.
import type { IdKind } from '../../../bytes/ids.ts';
import { VaultError } from '../../../errors.ts';
import type { Reply, ReplyOutcome } from '../../../model/idempotency.ts';
import type { RequestContext } from '../request-context.ts';
import type { Vault } from '../vault.ts';

/** The part of a change that stores its reply: nothing where the request has no key. Ids only, never a fact. */
export function replyToStore(
  request: Pick<RequestContext, 'claim'>,
  outcome: ReplyOutcome,
  ...ids: readonly string[]
): { readonly reply?: Reply } {
  const { claim } = request;
  return claim === undefined ? {} : { reply: { claim, outcome, ids } };
}

/** The id of this kind, or null. */
export function findId(ids: readonly string[], kind: IdKind): string | null {
  return ids.find((id) => id.startsWith(`${kind}_`)) ?? null;
}

/** A row that a stored reply names. Throws `not_found` where it is gone by now. */
export function requireStillExists<T>(row: T | null): T {
  if (row === null) throw new VaultError('not_found', 'what this key made is gone');
  return row;
}

/** Deletes them and returns how many. */
export function forgetReplies(vault: Pick<Vault, 'db' | 'clock'>, request: RequestContext): Promise<number> {
  const now = new Date(vault.clock.now()).toISOString();
  return vault.db.note((notes) => notes.idempotency.forget(now), request);
}
