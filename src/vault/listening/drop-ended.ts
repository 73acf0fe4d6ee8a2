// Overwriting the keys of sessions that are over: they lie in the process that sends their media, whoever ended them.
import { doEach } from '../each.ts';
import type { Request } from '../request.ts';
import type { Vault } from '../vault.ts';

/** Drops keys here of sessions that ended elsewhere, or between a look at the row and the unwrap. Returns how many. */
export function dropEnded(vault: Pick<Vault, 'db' | 'sessionKeys'>, request: Request): Promise<number> {
  const drop = async ({ tenant, id }: { readonly tenant: string; readonly id: string }): Promise<boolean> => {
    const session = await vault.db.read((rows) => rows.sessions.find(tenant, id), request);
    if (session?.state === 'LIVE') return false;
    vault.sessionKeys.end(id);
    return true;
  };
  return doEach(vault.sessionKeys.sessions().map((name) => () => drop(name)));
}
