// Signing another person out of every browser, and ending their listening sessions there.
import { VaultError } from '../../errors.ts';
import type { Receipt } from '../../model/audit-event.ts';
import type { Caller } from '../../model/principal.ts';
import { requireLiveCallerWithoutMac } from '../core/authority/live-credential.ts';
import { actorOf } from '../core/events/events.ts';
import { replyToStore } from '../core/idempotency/stored-reply.ts';
import type { RequestContext } from '../core/request-context.ts';
import { endSignIns } from '../core/sessions/end-sign-ins.ts';
import type { Vault } from '../core/vault.ts';

/** Ends all sign-ins of a person of the caller's tenant. Throws `not_found`, or `conflict` where there is none. */
export async function signOutPerson(
  vault: Pick<Vault, 'db' | 'sessionKeys'>,
  by: Caller,
  id: string,
  request: RequestContext,
): Promise<Receipt | undefined> {
  const { result, receipts } = await vault.db.change(async (tx) => {
    await requireLiveCallerWithoutMac(tx, by);
    // Locked: a concurrent sign-in is seen here, or begins afterwards.
    const person = await tx.principals.lock(by.tenant, id);
    if (person === null) throw new VaultError('not_found', 'there is no such person');
    const live = await tx.signIns.liveOf(by.tenant, id);
    const { events, sessions } = await endSignIns(tx, actorOf(by), live, 'signed-out', request);
    if (events.length === 0) throw new VaultError('conflict', 'this person is not signed in anywhere');
    return { result: sessions, events, ...replyToStore(request, 'done', id) };
  }, request);
  for (const session of result) vault.sessionKeys.end(session);
  return receipts[0];
}
