// Overwriting keys of ended sessions in the process that sends the media, wherever the session ended.

import { runAll } from '../core/concurrency.ts';
import type { SessionRef } from '../core/keys-in-memory/session-keys.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';

/**
 * Drops keys of sessions that ended in another process, or between the row's read and the unwrap, and of deposits that
 * were re-encrypted or aborted. Returns the number of sessions.
 */
export function dropEndedKeys(vault: Pick<Vault, 'db' | 'sessionKeys'>, request: RequestContext): Promise<number> {
  const drop = async ({ tenant, id }: SessionRef): Promise<boolean> => {
    const { session, ended } = await vault.db.read(async (rows) => {
      const ended: string[] = [];
      for (const deposit of vault.sessionKeys.deposits(id)) {
        if ((await rows.deposits.find(tenant, deposit))?.state !== 'AVAILABLE') ended.push(deposit);
      }
      return { session: await rows.sessions.find(tenant, id), ended };
    }, request);
    if (session?.state !== 'LIVE') vault.sessionKeys.end(id);
    else for (const deposit of ended) vault.sessionKeys.drop(id, deposit);
    return session?.state !== 'LIVE' || ended.length > 0;
  };
  return runAll(vault.sessionKeys.sessions().map((name) => () => drop(name)));
}
