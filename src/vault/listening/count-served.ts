// The count of what a session is sent, made before it is sent.
import { VaultError } from '../../errors.ts';
import type { Session } from '../../model/access.ts';
import type { ServedBytes } from '../../ports/rows/session-rows.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';

/**
 * Counts bytes of one reply in its session's row before they are served. One statement counts them and checks that the
 * session is live. Throws `session_ended`, and as `Database.proveLog`.
 */
export function servedCounter(
  vault: Pick<Vault, 'db' | 'sessionKeys' | 'logProofs'>,
  { tenant, id, heard: before }: Session,
  request: RequestContext,
): (served: ServedBytes) => Promise<void> {
  let heard = before;
  return async (served) => {
    // Fail closed: the session's summary is an event, so nothing is served while the log cannot grow. That the database
    // accepts writes at all, the count itself proves.
    await vault.logProofs.require(tenant, request);
    const counted = await vault.db.note((notes) => notes.sessions.count({ tenant, id, heard }, served), request);
    if (counted === null) {
      vault.sessionKeys.end(id);
      throw sessionEnded();
    }
    ({ heard } = counted);
  };
}

export function sessionEnded(): VaultError {
  return new VaultError('session_ended', 'the session has ended');
}
