// Overwriting keys that are over: they lie in the process that sends the media, whoever ended what they were for.

import { runAll } from '../core/concurrency.ts';
import type { SessionRef } from '../core/keys-in-memory/session-keys.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';

/**
 * Drops keys here of sessions that ended elsewhere, or between a look at the row and the unwrap, and of deposits that
 * were re-encrypted or given up. Returns of how many sessions.
 */
export function dropEndedKeys(vault: Pick<Vault, 'db' | 'sessionKeys'>, request: RequestContext): Promise<number> {
  const drop = async ({ tenant, id }: SessionRef): Promise<boolean> => {
    const { session, gone } = await vault.db.read(async (rows) => {
      const gone: string[] = [];
      for (const deposit of vault.sessionKeys.deposits(id)) {
        if ((await rows.deposits.find(tenant, deposit))?.state !== 'AVAILABLE') gone.push(deposit);
      }
      return { session: await rows.sessions.find(tenant, id), gone };
    }, request);
    if (session?.state !== 'LIVE') vault.sessionKeys.end(id);
    else for (const deposit of gone) vault.sessionKeys.drop(id, deposit);
    return session?.state !== 'LIVE' || gone.length > 0;
  };
  return runAll(vault.sessionKeys.sessions().map((name) => () => drop(name)));
}
