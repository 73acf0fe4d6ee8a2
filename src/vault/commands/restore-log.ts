// Restoring a log by an operator's command: a tenant's once another operator confirmed it, the deployment's at once.
import { sha256 } from '../../bytes/digest.ts';
import { VaultError } from '../../errors.ts';
import type { Actor } from '../../model/audit-event.ts';
import type { RestoreBody } from '../../model/change/command.ts';
import { type CarriedOut, type CarryOutOptions, permitAct } from '../changes/carry-out.ts';
import { DEPLOYMENT } from '../core/events/events.ts';
import { UNRESTRICTED } from '../core/permit.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { neededRestore } from '../log-restore/needed.ts';
import { type RestoredLog, type RestoreOptions, restoreLog } from '../log-restore/restore-log.ts';

type Deps = Parameters<typeof restoreLog>[0] & Pick<Vault, 'metadataKeys'>;

/**
 * Restores a log, or opens a change of the deployment for it. The deployment's own log is restored at once: held, it takes
 * no proposal. Throws as `restoreLog` and `carryOut`.
 */
export async function restoreLogByCommand(
  vault: Deps,
  by: Actor,
  log: string,
  options: RestoreOptions,
  how: CarryOutOptions,
  request: RequestContext,
): Promise<CarriedOut<RestoreBody, RestoredLog>> {
  const keys = options.keys.map((key) => sha256(key).toString('hex')).sort();
  const { needed, lost, size, foreign } = await neededRestore(vault, log, options, request);
  const body: RestoreBody = { v: 1, kind: 'restore', log, keys, lost };
  if (log === DEPLOYMENT && how.change !== null)
    throw new VaultError('malformed', 'the deployment’s own log is restored without a change: leave out --change');
  if (!needed) {
    const nothing = { was: null, size, from: null, to: null, removed: 0, foreign, revoked: null };
    return { done: true, body, result: nothing };
  }
  if (log === DEPLOYMENT)
    return { done: true, body, result: await restoreLog(vault, by, log, options, UNRESTRICTED, request) };
  const permitted = await permitAct(vault, by, DEPLOYMENT, body, how, request);
  if (!permitted.done) return permitted;
  return { done: true, body, result: await restoreLog(vault, by, log, options, permitted.permit, request) };
}
