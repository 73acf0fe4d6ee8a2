// Reading the sealed log for auditors: its newest checkpoint, its tiles, and all checkpoints that it published.
import { VaultError } from '../../errors.ts';
import type { Caller } from '../../model/principal.ts';
import type { Seal } from '../../ports/rows/seal-rows.ts';
import { countLogRead } from '../core/log-reading/count-log-read.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { readServedTile, type ServedTile, sealedLog } from './sealed-log.ts';

type Deps = Pick<Vault, 'db' | 'clock' | 'settings' | 'signer'>;

/** The newest checkpoint of the caller's own log, a signed note. Throws as `sealedLog` does. */
export async function readNewestCheckpoint(vault: Deps, by: Caller, request: RequestContext): Promise<string> {
  await countLogRead(vault, by, request);
  const { note } = await vault.db.read((rows) => sealedLog(vault, rows, by.tenant), request);
  return note;
}

/**
 * A tile or an entry bundle of the caller's own log, by its path below `tile/`. Throws `not_found` for a path that the
 * sealed log does not have, and as `sealedLog` and `readServedTile` do.
 */
export async function readLogTile(vault: Deps, by: Caller, path: string, request: RequestContext): Promise<ServedTile> {
  await countLogRead(vault, by, request);
  const tile = await vault.db.read(async (rows) => {
    const { checkpoint } = await sealedLog(vault, rows, by.tenant);
    return readServedTile(rows, by.tenant, checkpoint.size, path);
  }, request);
  if (tile === null) throw new VaultError('not_found', 'the sealed log has no such tile');
  return tile;
}

/** Published checkpoints of the caller's own log from this size on, at most `limit`, in order of their sizes. */
export async function readCheckpoints(
  vault: Deps,
  by: Caller,
  from: number,
  limit: number,
  request: RequestContext,
): Promise<Seal[]> {
  await countLogRead(vault, by, request);
  return vault.db.read((rows) => rows.seals.seals(by.tenant, from, limit), request);
}
