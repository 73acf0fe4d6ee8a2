// Restoring a log of the sealing world: the real use case, with what it removes kept in memory.
import type { StoredEvent } from '../../src/model/audit-event.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { sessionKeys } from '../../src/vault/core/keys-in-memory/session-keys.ts';
import { UNRESTRICTED } from '../../src/vault/core/permit.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { type RestoreOptions, restoreLog } from '../../src/vault/log-restore/restore-log.ts';
import { LOG, request, type SealingDeps } from './sealing.ts';

/** What a restore saved before it removed it. */
export type Saved = StoredEvent[];

/** What a restore needs besides sealing. The deployment has no key. */
export function restoringDeps(deps: SealingDeps) {
  const keys = {} as Vault['keys'];
  return { ...deps, keys, sessionKeys: sessionKeys() };
}

/** Restores the deployment's log. */
export function restore(deps: SealingDeps, saved: Saved = [], more: Partial<RestoreOptions> = {}) {
  const save = async (events: AsyncIterable<StoredEvent>): Promise<void> => {
    for await (const one of events) saved.push(one);
  };
  const options = { keys: [], lost: null, save, ...more };
  return restoreLog(restoringDeps(deps), operatorActor('op-1'), LOG, options, UNRESTRICTED, request());
}
