// What asking, deciding and revoking told before, found again for a repeated request: ids from the stored reply, states
// as they were then, and of the rows only what never changes.
import type { AccessRequest, RequestState } from '../../model/access.ts';
import type { Receipt } from '../../model/audit-event.ts';
import type { Caller } from '../../model/principal.ts';
import { idAmong, stillThere } from '../core/idempotency/reply.ts';
import type { Told } from '../core/idempotency/run-idempotent.ts';
import type { Request } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import type { Decided } from './decide.ts';

type Parts = Pick<Vault, 'db'>;

/** What `ask` told. Throws `not_found` where its row is gone. */
export async function askedAgain(
  vault: Parts,
  by: Caller,
  told: Told,
  request: Request,
): Promise<{ readonly request: AccessRequest; readonly receipt: Receipt | undefined }> {
  const id = idAmong(told.ids, 'req') ?? '';
  const row = stillThere(await vault.db.read((rows) => rows.access.request(by.tenant, id), request));
  return { request: { ...row, state: 'REQUESTED' }, receipt: told.receipt };
}

/** What `deny` or `cancel` told, and `approve`: APPROVED once it made a grant. Throws `not_found` where rows are gone. */
export async function decidedAgain(
  vault: Parts,
  by: Caller,
  state: Extract<RequestState, 'APPROVED' | 'DENIED' | 'CANCELLED'>,
  { ids, receipt }: Told,
  request: Request,
): Promise<Decided> {
  const grantId = idAmong(ids, 'grt');
  const { row, found } = await vault.db.read(
    async (rows) => ({
      row: await rows.access.request(by.tenant, idAmong(ids, 'req') ?? ''),
      found: grantId === null ? null : await rows.access.grant(by.tenant, grantId),
    }),
    request,
  );
  // One approval of several: the request stayed as it was.
  const then = state === 'APPROVED' && grantId === null ? 'REQUESTED' : state;
  const grant = grantId === null ? null : stillThere(found);
  return {
    request: { ...stillThere(row), state: then },
    grant: grant === null ? null : { ...grant, state: 'APPROVED', usesLeft: grant.uses },
    receipt,
  };
}
