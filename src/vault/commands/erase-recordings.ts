// Erasing recordings by an operator's command, once another person confirmed it: all of them, in one transaction.
import { VaultError } from '../../errors.ts';
import type { Actor, NewEvent } from '../../model/audit-event.ts';
import { type EraseBody, MAX_ERASED } from '../../model/change/command.ts';
import type { BegunErasure, EraseReason } from '../../model/erasure.ts';
import { type CarriedOut, type CarryOutOptions, type CommandScope, carryOut } from '../changes/carry-out.ts';
import { type TenantOwner, tenantLock } from '../changes/owner.ts';
import type { Marks } from '../core/permit.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { beginErasure, requireErasable } from '../erasure/erase-recording.ts';

/** The recordings and the reason, which goes into the log. */
export type ErasuresInput = {
  readonly tenant: string;
  readonly recordings: readonly string[];
  readonly reason: EraseReason;
};

/** Erases recordings on an approved change, or opens one. Throws `not_found`, `erased`, `held`, `retained`, and as `carryOut`. */
export async function eraseByCommand(
  vault: Pick<Vault, 'db' | 'metadataKeys' | 'sessionKeys'>,
  by: Actor,
  { tenant, recordings, reason }: ErasuresInput,
  options: CarryOutOptions,
  request: RequestContext,
): Promise<CarriedOut<EraseBody, readonly string[]>> {
  const ids = [...new Set(recordings)].sort();
  if (ids.length === 0 || ids.length > MAX_ERASED)
    throw new VaultError('malformed', `one change erases 1 to ${MAX_ERASED} recordings: give fewer at a time`);
  const body: EraseBody = { v: 1, kind: 'erase', reason, recordings: ids };
  const outcome = await carryOut<EraseBody, readonly string[], TenantOwner>(
    vault,
    by,
    {
      tenant,
      lock: await tenantLock(vault, tenant, request),
      locks: [],
      draft: async ({ tx }) => {
        for (const id of ids) await requireErasable(tx, await tx.recordings.find(tenant, id), reason);
        return body;
      },
      act: (scope, _body, marks) => eraseAll(scope, by, body, marks, request),
    },
    options,
    request,
  );
  if (outcome.done) for (const session of outcome.result) vault.sessionKeys.end(session);
  return outcome;
}

async function eraseAll(
  { tx, owner }: CommandScope,
  by: Actor,
  { recordings, reason }: EraseBody,
  marks: Marks,
  request: RequestContext,
) {
  const events: NewEvent[] = [];
  const erasures: BegunErasure[] = [];
  const sessions: string[] = [];
  for (const recording of recordings) {
    const what = { tenant: owner.id, recording, reason };
    const begun = await beginErasure(tx, by, what, marks, request);
    events.push(...begun.events);
    erasures.push(begun.erasure);
    sessions.push(...begun.sessions);
  }
  return { result: sessions, events, erasures };
}
