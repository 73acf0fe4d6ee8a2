// After an operator put back a database of an earlier time: expiry is paused, and the database is brought up to the store.
import { VaultError } from '../../errors.ts';
import type { Actor, NewEvent } from '../../model/audit-event.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { Transaction } from '../../ports/database.ts';
import { DEPLOYMENT, event, writeEvent } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import { tenantsWithKeys } from '../core/tenants/select-tenants.ts';
import type { Vault } from '../core/vault.ts';
import { pauseRestored } from '../retention/resume.ts';
import { backupTime, latest } from './backup-time.ts';
import { type BroughtUp, bringUp } from './bring-up.ts';
import { type LogsOptions, restoreLogs } from './restore-logs.ts';
import { newSteps, type RestoreProblem, type Steps } from './steps.ts';

type Deps = Parameters<typeof restoreLogs>[0] & Parameters<typeof bringUp>[0];

/** `keys`: ids of the key encryption keys that the operator trusts. `isCopy`: no restore of this database has begun. `problem` is called for each one found. */
export type RestoreVaultOptions = Omit<LogsOptions, 'also'> & {
  readonly keys: readonly string[];
  readonly isCopy: boolean;
  readonly problem: (problem: RestoreProblem) => void;
};

/** How far the backup is behind what came since. `newestBlob`: null where nothing is newer; `rpo`: in seconds. */
export type Recovery = {
  readonly backup: string;
  readonly lastEvent: string;
  readonly newestBlob: string | null;
  readonly rpo: number;
};

/** What a restore did. `nothing`: the database was up to the store, and expiry did not run. */
export type RestoredVault = Recovery & {
  readonly nothing: boolean;
  readonly logs: number;
  readonly paused: readonly string[];
  readonly tenants: readonly (BroughtUp & { readonly tenant: string })[];
  readonly steps: Steps;
};

/**
 * Brings a restored database up to the store: logs, then tombstones and later changes, after expiry is paused. It may end
 * between any two steps: the next run continues, and knows the time of the backup from this one's event. What fails for a
 * tenant is a problem, and the others go on. Throws `not_found` for a database without events.
 */
export async function restoreVault(
  vault: Deps,
  by: Actor,
  options: RestoreVaultOptions,
  request: RequestContext,
): Promise<RestoredVault> {
  const steps = newSteps(vault, options.problem);
  const before = await backupTime(vault, options.isCopy, request);
  if (before === null)
    throw new VaultError(
      'not_found',
      'this database is empty: docs/operations/index-lost.md says how to restore the logs and rebuild it',
    );
  const pause = async (tx: Transaction, tenant: string): Promise<readonly NewEvent[]> => {
    const made = await pauseRestored(tx, tenant, by, request);
    return made === null ? [] : [made];
  };
  const running = await runningIn(vault, request);
  const revoked = new Map<string, number>();
  const restored: LogsOptions['restored'] = (log, result) => {
    revoked.set(log, result.revoked?.counts.recordings ?? 0);
    options.restored(log, result);
  };
  const logs = await restoreLogs(vault, by, { ...options, restored, also: pause }, steps, request);
  const { lastEvent } = (await backupTime(vault, false, request)) ?? before;
  const { backup } = before;
  const tenants = await writableTenants(vault, request);
  let noted = before.unfinished;
  const note = async (): Promise<void> => {
    if (noted) return;
    noted = true;
    const object = { id: DEPLOYMENT, backup };
    await writeEvent(vault, event(DEPLOYMENT, by, 'vault.restoring', object, request), request);
  };
  if (tenants.length > 0 && (logs > 0 || running.size > 0)) await note();
  for (const { tenant } of tenants) {
    await steps.run('expiry', tenant, async () => {
      await vault.db.change(async (tx) => {
        const events = await pause(tx, tenant);
        return events.length === 0 ? { result: null, unchanged: true } : { result: null, events };
      }, request);
    });
  }
  const done: (BroughtUp & { readonly tenant: string })[] = [];
  for (const tenant of tenants) {
    request.signal.throwIfAborted();
    const brought = await bringUp(vault, tenant, { by, keys: options.keys, backup }, steps, request);
    // The log may erase again what has no tombstone.
    const erased = brought.erased + (revoked.get(tenant.tenant) ?? 0);
    done.push({ ...brought, tenant: tenant.tenant, erased });
  }
  const newestBlob = latest(done.map(({ newest }) => newest));
  const recovery = {
    backup,
    lastEvent,
    newestBlob,
    rpo: secondsFrom(backup, latest([lastEvent, newestBlob]) ?? backup),
  };
  const nothing = !noted && done.every(({ erased, entries, ingestKeys }) => erased + entries + ingestKeys === 0);
  if (!nothing) {
    const fresh = done.filter(
      ({ tenant, erased, entries, ingestKeys }) =>
        erased + entries + ingestKeys > 0 || !before.done.has(tenant) || !before.unfinished,
    );
    await finish(vault, by, recovery, fresh, steps, request);
  }
  const still = await runningIn(vault, request);
  const paused = [...running].filter((tenant) => !still.has(tenant));
  return { ...recovery, nothing, logs, paused, tenants: done, steps };
}

/** Whole seconds from one time to a later one. */
export function secondsFrom(one: string, other: string): number {
  return Math.max(0, Math.round((Date.parse(other) - Date.parse(one)) / 1000));
}

/** Tenants whose expiry runs; one without a row expires what its subjects asked for. */
async function runningIn(vault: Pick<Vault, 'db'>, request: RequestContext): Promise<ReadonlySet<string>> {
  return vault.db.read(async (rows) => {
    const running = new Set<string>();
    for (const { tenant, state } of await rows.tenants.all())
      if (state !== 'CREATING' && ((await rows.retention.expiry(tenant))?.state ?? 'RUNNING') === 'RUNNING')
        running.add(tenant);
    return running;
  }, request);
}

/** Tenants whose logs take events. */
async function writableTenants(vault: Pick<Vault, 'db'>, request: RequestContext): Promise<readonly Tenant[]> {
  const held = new Set((await vault.db.read((rows) => rows.seals.held(), request)).map(({ log }) => log));
  if (held.has(DEPLOYMENT)) return [];
  return (await tenantsWithKeys(vault, request)).filter(({ tenant }) => !held.has(tenant));
}

/** Says in the logs of these tenants what was done; one that must be tried again is not done. */
async function finish(
  vault: Pick<Vault, 'db'>,
  by: Actor,
  { backup, lastEvent, newestBlob, rpo }: Recovery,
  done: readonly (BroughtUp & { readonly tenant: string })[],
  { problems }: Steps,
  request: RequestContext,
): Promise<void> {
  for (const { tenant, erased, entries, withoutRows } of done) {
    const own = problems.filter(({ log }) => log === tenant);
    // What is damaged stays damaged; anything else may pass.
    if (own.some(({ code }) => code !== 'integrity')) continue;
    const blob = newestBlob === null ? {} : { newest_blob: newestBlob };
    const counts = { erased, entries, without_rows: withoutRows, problems: own.length };
    const object = { id: tenant, backup, last_event: lastEvent, ...blob, rpo, ...counts };
    const events = [tenant, DEPLOYMENT].map((log) => event(log, by, 'vault.restored', object, request));
    await vault.db.change(async () => ({ result: null, events }), request);
  }
}
