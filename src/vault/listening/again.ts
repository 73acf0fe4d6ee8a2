// What opening a session told before, found again for a repeated request. It opens nothing: the session is the same one.
import type { Session } from '../../model/access.ts';
import type { Receipt } from '../../model/audit-event.ts';
import type { Caller } from '../../model/principal.ts';
import { idAmong, stillThere } from '../core/idempotency/reply.ts';
import type { Told } from '../core/idempotency/run-idempotent.ts';
import type { Request } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';

/** What `openSession` told. Throws `not_found` where its row is gone. */
export async function openedAgain(
  vault: Pick<Vault, 'db'>,
  by: Caller,
  told: Told,
  request: Request,
): Promise<{ readonly session: Session; readonly receipt: Receipt | undefined }> {
  const id = idAmong(told.ids, 'ses') ?? '';
  const session = stillThere(await vault.db.read((rows) => rows.sessions.find(by.tenant, id), request));
  return { session, receipt: told.receipt };
}
