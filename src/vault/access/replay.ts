// What asking, deciding and revoking told before, found again for a repeated request: ids from the stored reply, states
// as they were then, and of the rows only what never changes.
import type { AccessRequest, RequestState } from '../../model/access.ts';
import type { Receipt } from '../../model/audit-event.ts';
import type { Caller } from '../../model/principal.ts';
import type { StoredOutcome } from '../core/idempotency/run-idempotent.ts';
import { findId, requireStillExists } from '../core/idempotency/stored-reply.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import type { DecisionResult } from './decide.ts';

type Deps = Pick<Vault, 'db'>;

/** What `ask` told. Throws `not_found` where its row is gone. */
export async function replayAccessRequest(
  vault: Deps,
  by: Caller,
  told: StoredOutcome,
  request: RequestContext,
): Promise<{ readonly request: AccessRequest; readonly receipt: Receipt | undefined }> {
  const id = findId(told.ids, 'req') ?? '';
  const row = requireStillExists(await vault.db.read((rows) => rows.access.request(by.tenant, id), request));
  return { request: { ...row, state: 'REQUESTED' }, receipt: told.receipt };
}

/** What `deny` or `cancel` told, and `approve`: APPROVED once it made a grant. Throws `not_found` where rows are gone. */
export async function replayDecision(
  vault: Deps,
  by: Caller,
  state: Extract<RequestState, 'APPROVED' | 'DENIED' | 'CANCELLED'>,
  { ids, receipt }: StoredOutcome,
  request: RequestContext,
): Promise<DecisionResult> {
  const grantId = findId(ids, 'grt');
  const { row, found } = await vault.db.read(
    async (rows) => ({
      row: await rows.access.request(by.tenant, findId(ids, 'req') ?? ''),
      found: grantId === null ? null : await rows.access.grant(by.tenant, grantId),
    }),
    request,
  );
  // One approval of several: the request stayed as it was.
  const then = state === 'APPROVED' && grantId === null ? 'REQUESTED' : state;
  const grant = grantId === null ? null : requireStillExists(found);
  return {
    request: { ...requireStillExists(row), state: then },
    grant: grant === null ? null : { ...grant, state: 'APPROVED', usesLeft: grant.uses },
    receipt,
  };
}
