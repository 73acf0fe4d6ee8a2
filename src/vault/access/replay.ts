// Repeated requests to ask, decide or revoke: the first result, found again by the ids of its stored reply. States are
// those of the first reply; of the rows only members that never change are used.
import type { AccessRequest, Grant, RequestState } from '../../model/access.ts';
import type { Receipt } from '../../model/audit-event.ts';
import type { Caller } from '../../model/principal.ts';
import type { StoredOutcome } from '../core/idempotency/run-idempotent.ts';
import { findId, requireStillExists } from '../core/idempotency/stored-reply.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import type { DecisionResult } from './decide.ts';

type Deps = Pick<Vault, 'db'>;

/** The first result of `requestAccess`. Throws `not_found` where its row was deleted. */
export async function replayAccessRequest(
  vault: Deps,
  by: Caller,
  stored: StoredOutcome,
  request: RequestContext,
): Promise<{ readonly request: AccessRequest; readonly receipt: Receipt | undefined }> {
  const id = findId(stored.ids, 'req') ?? '';
  const row = requireStillExists(await vault.db.read((rows) => rows.access.request(by.tenant, id), request));
  return { request: { ...row, state: 'REQUESTED' }, receipt: stored.receipt };
}

/**
 * The first result of `approve`, `deny` or `cancel`: APPROVED where it created a grant. Throws `not_found` where the
 * rows were deleted.
 */
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
  // One approval of several: the request stayed open.
  const then = state === 'APPROVED' && grantId === null ? 'REQUESTED' : state;
  const grant = grantId === null ? null : requireStillExists(found);
  return {
    request: { ...requireStillExists(row), state: then },
    grant: grant === null ? null : asApproved(grant),
    receipt,
  };
}

/** The grant as the approval made it: none used, the clock not started. */
function asApproved(grant: Grant): Grant {
  const { uses, opensUntil, expires } = grant;
  return { ...grant, state: 'APPROVED', usesLeft: uses, started: null, extended: null, expires: opensUntil ?? expires };
}
