// What opening a session told before, found again for a repeated request. It opens nothing: the session is the same one.
import type { Session } from '../../model/access.ts';
import type { Receipt } from '../../model/audit-event.ts';
import type { Caller } from '../../model/principal.ts';
import { findId, requireStillExists } from '../core/idempotency/reply.ts';
import type { StoredOutcome } from '../core/idempotency/run-idempotent.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';

/** What `openSession` told. Throws `not_found` where its row is gone. */
export async function replayOpenedSession(
  vault: Pick<Vault, 'db'>,
  by: Caller,
  told: StoredOutcome,
  request: RequestContext,
): Promise<{ readonly session: Session; readonly receipt: Receipt | undefined }> {
  const id = findId(told.ids, 'ses') ?? '';
  const session = requireStillExists(await vault.db.read((rows) => rows.sessions.find(by.tenant, id), request));
  return { session, receipt: told.receipt };
}
