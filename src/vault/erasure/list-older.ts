// The tombstone lists of erasures that earlier versions recorded without natural keys, some in each round.
import { VaultError } from '../../errors.ts';
import type { Erasure } from '../../model/erasure.ts';
import type { Tenant } from '../../model/tenant.ts';
import { inParallel, runAll } from '../core/concurrency.ts';
import { event, systemActor } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import { tenantsWithKeys } from '../core/tenants/select-tenants.ts';
import type { Vault } from '../core/vault.ts';
import { type WrittenList, writeList } from './write-list.ts';

type Deps = Pick<Vault, 'db' | 'store' | 'metadataKeys' | 'settings'>;

/** Erasures of a tenant in one round. */
const BATCH = 100;
const AT_ONCE = 8;

/**
 * A round of the run: writes the lists of up to 100 erasures of each tenant that have none, and returns how many. Each
 * tenant's log says how many are left, 0 at the end. A failure of one does not stop the others, and the next round goes
 * on after it; the first error is thrown at the end.
 */
export function olderErasures(vault: Deps): (request: RequestContext) => Promise<number> {
  /** Where a tenant's round begins: after the last erasure of the round before. */
  const after = new Map<string, string>();
  const round = async (tenant: Tenant, request: RequestContext): Promise<number> => {
    const from = after.get(tenant.tenant) ?? '';
    const batch = await vault.db.read((rows) => rows.erasures.unlisted(tenant.tenant, from, BATCH), request);
    const last = batch.at(-1);
    if (last === undefined || batch.length < BATCH) after.delete(tenant.tenant);
    else after.set(tenant.tenant, last.recording);
    return batch.length === 0 ? 0 : listBatch(vault, tenant, batch, request);
  };
  return async (request) => {
    const tenants = await tenantsWithKeys(vault, request);
    return runAll(tenants.map((tenant) => () => round(tenant, request)));
  };
}

async function listBatch(
  vault: Deps,
  tenant: Tenant,
  batch: readonly Erasure[],
  request: RequestContext,
): Promise<number> {
  const events = new Map(batch.map((erasure) => [erasure.seq, erasure]));
  const lists: WrittenList[] = [];
  const failures: unknown[] = [];
  await inParallel([...events.values()], AT_ONCE, async (erasure) => {
    request.signal.throwIfAborted();
    await writeList(vault, tenant, erasure, request).then(
      (list) => void lists.push(list),
      (error: unknown) => void failures.push(error),
    );
  });
  const listed = await record(vault, tenant.tenant, lists, request);
  if (failures.length > 0) throw failures[0];
  return listed;
}

/** Records lists that are in the store, with an event that counts; without one where another process was faster. */
async function record(
  vault: Deps,
  tenant: string,
  lists: readonly WrittenList[],
  request: RequestContext,
): Promise<number> {
  const nothing = new VaultError('conflict', 'all of these have their list');
  const change = vault.db.change(async (tx) => {
    let erased = 0;
    for (const { path, recordings } of lists) erased += await tx.erasures.setList(tenant, recordings, path);
    if (erased === 0) throw nothing;
    const object = { id: tenant, erased, left: await tx.erasures.countUnlisted(tenant) };
    const listed = event(tenant, systemActor(vault.settings), 'tombstone.listed', object, request);
    return { result: erased, events: [listed] };
  }, request);
  return change.then(
    ({ result }) => result,
    (error: unknown) => {
      if (error !== nothing) throw error;
      return 0;
    },
  );
}
