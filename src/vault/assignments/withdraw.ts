// Withdrawing a batch, or what one reviewer has of it: their open grants end. It needs no proof and waits for no key.
import { VaultError } from '../../errors.ts';
import type { Grant } from '../../model/access.ts';
import type { NewEvent, Receipt } from '../../model/audit-event.ts';
import { isUnfinished } from '../../model/batch.ts';
import type { Caller } from '../../model/principal.ts';
import { endGrant, isLive, revocationNote } from '../access/end-grant.ts';
import { requireLiveCallerWithoutMac } from '../core/authority/live-credential.ts';
import { actorOf, event, presentedCredential, withDetail } from '../core/events/events.ts';
import { replyToStore } from '../core/idempotency/stored-reply.ts';
import type { RequestContext } from '../core/request-context.ts';
import { metadataKeyIfAvailable } from '../core/tenants/metadata-key-if-available.ts';
import type { Vault } from '../core/vault.ts';
import { batchScope, isBatchInScope } from './batch-scope.ts';
import { noBatch } from './read-batches.ts';

/** What to withdraw: all of it, or what one reviewer has; and why. */
export type Withdrawal = { readonly person: string | null; readonly reason: string | null };

/** The grants that were revoked. `whole`: the batch ended with them. */
export type WithdrawnBatch = {
  readonly grants: readonly string[];
  readonly whole: boolean;
  readonly receipt: Receipt | undefined;
};

/**
 * Withdraws a batch with its open grants, or one reviewer's of it: also those that were begun and whose clock ended. Who
 * did not make it withdraws those of queues that they lead, and the batch ends with them if no other is open. Throws
 * `not_found`; `conflict` where it has ended, or nothing is open.
 */
export async function withdrawBatch(
  vault: Pick<Vault, 'db' | 'metadataKeys' | 'sessionKeys'>,
  by: Caller,
  id: string,
  { person, reason }: Withdrawal,
  request: RequestContext,
): Promise<WithdrawnBatch> {
  const metadataKey = await metadataKeyIfAvailable(vault, by.tenant, request);
  const words = revocationNote(metadataKey, reason);
  const [actor, credential] = [actorOf(by), presentedCredential(by)];
  const { result, receipts } = await vault.db.change(async (tx) => {
    await requireLiveCallerWithoutMac(tx, by);
    const found = await tx.batches.find(by.tenant, id);
    if (found === null) throw noBatch();
    // Without the key anyone who may decide withdraws: as they revoke.
    const scope = metadataKey === null ? {} : await batchScope(tx, metadataKey, by);
    if (!(await isBatchInScope(tx, scope, found))) throw noBatch();
    const ofAll = await tx.batches.grantsOf(by.tenant, [id]);
    const own =
      scope.of === undefined || found.maker === by.principal
        ? ofAll
        : await tx.batches.grantsInQueues(by.tenant, [id], scope.of.queues);
    const now = await tx.now();
    const isOpen = (grant: Grant): boolean => isLive(grant) || isUnfinished(grant, now);
    const open = own.filter((grant) => isOpen(grant) && (person === null || grant.person === person));
    const others = ofAll.filter((grant) => isOpen(grant) && !own.some((one) => one.id === grant.id));
    const whole = person === null && others.length === 0;
    const [grants, sessions, events]: [string[], string[], NewEvent[]] = [[], [], []];
    // Grants before their batch: a reviewer who finishes one locks them in this order.
    for (const grant of await tx.access.lockGrants(
      by.tenant,
      open.map((one) => one.id),
    )) {
      const how = { actor, credential, words, why: 'withdrawn' } as const;
      const ended = isOpen(grant) ? await endGrant(tx, how, grant, request) : null;
      if (ended === null) continue;
      grants.push(grant.id);
      sessions.push(...ended.sessions);
      events.push(...ended.events);
    }
    const batch = await tx.batches.lock(by.tenant, id);
    if (batch?.state !== 'OPEN') throw new VaultError('conflict', 'the batch has already ended');
    if (whole) {
      const closed = { state: 'WITHDRAWN', closed: now, mac: null } as const;
      if (!(await tx.batches.change(batch, closed)))
        throw new VaultError('conflict', 'a concurrent update changed the batch first');
      const made = event(by.tenant, actor, 'batch.withdrawn', { id, ...credential }, request);
      events.unshift(words === null ? made : withDetail(made, words.metadataKey, { reason: words.reason }));
    }
    if (events.length === 0) throw new VaultError('conflict', 'nothing of this batch is open');
    return {
      result: { grants, sessions, whole },
      events,
      ...replyToStore(request, 'done', ...(whole ? [id] : []), ...grants),
    };
  }, request);
  for (const session of result.sessions) vault.sessionKeys.end(session);
  return { grants: result.grants, whole: result.whole, receipt: receipts[0] };
}
