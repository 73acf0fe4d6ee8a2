// A restore practised on a copy of the database, while the service runs: what it would bring back, and how long it takes.
import { equalBytes } from '../../bytes/digest.ts';
import { VaultError } from '../../errors.ts';
import type { Actor } from '../../model/audit-event.ts';
import { DEPLOYMENT, event } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import { tenantsWithKeys } from '../core/tenants/select-tenants.ts';
import type { Vault } from '../core/vault.ts';
import { openSample } from './open-sample.ts';
import { readOnlyStore } from './read-only-store.ts';
import { type RestoredVault, type RestoreVaultOptions, restoreVault } from './restore-vault.ts';
import { rtoOf } from './steps.ts';

type Deps = Parameters<typeof restoreVault>[0] & Parameters<typeof openSample>[0];

/** Recordings that a drill opens at most. */
export const SAMPLE = 200;

export type DrillOptions = Pick<RestoreVaultOptions, 'problem' | 'restored'> & { readonly sample: number };

/** What a drill found. `rto`: in milliseconds; `opened`: recordings that opened wholly. */
export type Drilled = Omit<RestoredVault, 'nothing'> & { readonly rto: number; readonly opened: number };

/**
 * Brings a copy of the database up to the store, which is only read, and opens a sample of recordings. The copy is changed,
 * and serves once. The live database gets nothing but the events `vault.drilled`. Throws `conflict` for a copy whose logs
 * are no beginning of the live ones, and as `restoreVault`.
 */
export async function drillRestore(
  live: Pick<Vault, 'db'>,
  copyVault: Deps,
  by: Actor,
  { problem, restored, sample }: DrillOptions,
  request: RequestContext,
): Promise<Drilled> {
  const anchor =
    copyVault.anchor === null ? null : { ...copyVault.anchor, store: readOnlyStore(copyVault.anchor.store) };
  const copy: Deps = { ...copyVault, store: readOnlyStore(copyVault.store), anchor };
  await requireEarlier(live, copy, request);
  const known = [...(await tenantsWithKeys(live, request)), ...(await tenantsWithKeys(copy, request))];
  const options: RestoreVaultOptions = {
    ...{ problem, restored, alone: true, isCopy: true },
    keys: known.flatMap(({ key }) => key?.id ?? []),
    // A beginning of the live log has no other events.
    save: () => async () => {
      throw notEarlier();
    },
    confirmed: async () => false,
  };
  const { nothing: _, ...done } = await restoreVault(copy, by, options, request);
  const { steps } = done;
  const brought = new Set(done.tenants.map(({ tenant }) => tenant));
  const tenants = (await tenantsWithKeys(copy, request)).filter(({ tenant }) => brought.has(tenant));
  const opened = await openSample(copy, live, by, { tenants, most: sample }, steps, request);
  const rto = rtoOf(steps);
  const { backup, lastEvent, newestBlob, rpo } = done;
  const blob = newestBlob === null ? {} : { newest_blob: newestBlob };
  for (const { tenant } of await tenantsWithKeys(live, request)) {
    const own = opened.get(tenant);
    const problems = steps.problems.filter(({ log }) => log === tenant || log === DEPLOYMENT).length;
    const counts = { rto: Math.round(rto / 1000), opened: own?.opened ?? 0, unwraps: own?.unwraps ?? 0, problems };
    const object = { id: tenant, backup, last_event: lastEvent, ...blob, rpo, ...counts };
    const events = [tenant, DEPLOYMENT].map((log) => event(log, by, 'vault.drilled', object, request));
    await live.db.change(async () => ({ result: null, events }), request);
  }
  return { ...done, rto, opened: [...opened.values()].reduce((sum, one) => sum + one.opened, 0) };
}

/** Throws `conflict` unless every log of the copy is a beginning of the live one, and no restore of it has begun. */
async function requireEarlier(
  live: Pick<Vault, 'db'>,
  copy: Pick<Vault, 'db'>,
  request: RequestContext,
): Promise<void> {
  for (const { log } of await copy.db.read((rows) => rows.seals.heads(), request)) {
    const state = await copy.db.read((rows) => rows.log.state(log), request);
    const size = state?.size ?? 0;
    if (size === 0) continue;
    const [own, other] = await Promise.all(
      [copy, live].map(({ db }) => db.read(async (rows) => (await rows.log.events(log, size - 1, 1))[0], request)),
    );
    const same = own !== undefined && other !== undefined && own.seq === other.seq && equalBytes(own.hash, other.hash);
    if (!same || state?.restoring != null) throw notEarlier();
  }
}

function notEarlier(): VaultError {
  return new VaultError(
    'conflict',
    'this is no copy of an earlier time: its logs are no beginning of those of the database. A drill changes the copy: make a new one for each',
  );
}
