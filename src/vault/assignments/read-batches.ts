// Reading batches: their progress, by reviewer and call.
import { isId } from '../../bytes/ids.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { Grant } from '../../model/access.ts';
import { type Batch, type BatchState, type WorkTotals, workTotals } from '../../model/batch.ts';
import type { Caller } from '../../model/principal.ts';
import type { Rows } from '../../ports/database.ts';
import { recordAccessRead } from '../access/record-access-read.ts';
import type { PersonRef } from '../access/views.ts';
import { requireAuthentic } from '../core/authority/authority-rows.ts';
import { groupBy } from '../core/group-by.ts';
import { readNames } from '../core/personal/names.ts';
import type { RequestContext } from '../core/request-context.ts';
import { readScope } from '../core/scope/read-scope.ts';
import type { Vault } from '../core/vault.ts';
import { batchScope, isBatchInScope } from './batch-scope.ts';
import { reasonOfBatch, type WorkView, workViews } from './views.ts';

type Deps = Pick<Vault, 'db' | 'clock' | 'metadataKeys'>;

/** One reviewer of a batch. `minutes`: of calls, that were sent. */
export type BatchReviewer = WorkTotals & PersonRef & { readonly trainedUntil: string | null; readonly minutes: number };

export type BatchView = {
  readonly batch: Batch;
  readonly maker: PersonRef;
  readonly reason: string | null;
  readonly totals: WorkTotals;
  readonly reviewers: readonly BatchReviewer[];
};

/**
 * Batches that the caller sees, newest first, before the one with id `before`: of each the calls in the caller's scope, as
 * if it had no others. Throws `integrity`.
 */
export async function listBatches(
  vault: Deps,
  by: Caller,
  state: BatchState | null,
  before: string | null,
  limit: number,
  request: RequestContext,
): Promise<BatchView[]> {
  const { metadataKey } = await recordAccessRead(vault, by, request);
  return vault.db.read(async (rows) => {
    const scope = await batchScope(rows, metadataKey, by);
    const filter = { ...scope, ...(state === null ? {} : { state }) };
    const found = await rows.batches.page(by.tenant, filter, before, limit);
    const ids = found.map(({ id }) => id);
    const grants = await visibleGrants(rows, metadataKey, by, ids);
    return batchViews(rows, metadataKey, by.tenant, found, grants);
  }, request);
}

/** One batch with its calls in the caller's scope. Throws `not_found`, `integrity`. */
export async function readBatch(
  vault: Deps,
  by: Caller,
  id: string,
  request: RequestContext,
): Promise<BatchView & { readonly work: readonly WorkView[] }> {
  const { metadataKey } = await recordAccessRead(vault, by, request);
  return vault.db.read(async (rows) => {
    const batch = isId(id, 'bat') ? await rows.batches.find(by.tenant, id) : null;
    const scope = await batchScope(rows, metadataKey, by);
    if (batch === null || !(await isBatchInScope(rows, scope, batch))) throw noBatch();
    const grants = await visibleGrants(rows, metadataKey, by, [id]);
    const [view] = await batchViews(rows, metadataKey, by.tenant, [batch], grants);
    if (view === undefined) throw noBatch();
    return { ...view, work: await workViews(rows, metadataKey, by.tenant, grants, await rows.now()) };
  }, request);
}

/** The grants of batches whose recordings the caller sees. */
async function visibleGrants(
  rows: Rows,
  metadataKey: SecretKey,
  by: Caller,
  batches: readonly string[],
): Promise<Grant[]> {
  const scope = await readScope(rows, metadataKey, by);
  return scope === 'all'
    ? rows.batches.grantsOf(by.tenant, batches)
    : rows.batches.grantsInQueues(by.tenant, batches, scope.queues);
}

async function batchViews(
  rows: Rows,
  metadataKey: SecretKey,
  tenant: string,
  found: readonly Batch[],
  grants: readonly Grant[],
): Promise<BatchView[]> {
  for (const one of found) requireAuthentic(metadataKey, 'batch', one);
  const now = await rows.now();
  const reviewers = [...new Set(grants.map(({ person }) => person))].sort();
  const [names, people, minutes] = await Promise.all([
    readNames(rows, metadataKey, tenant, [...new Set([...reviewers, ...found.map(({ maker }) => maker)])].sort()),
    rows.principals.findMany(tenant, reviewers),
    rows.batches.minutesOf(
      tenant,
      found.map(({ id }) => id),
    ),
  ]);
  const trained = new Map(people.map(({ id, trainedUntil }) => [id, trainedUntil]));
  const served = new Map(minutes.map((one) => [one.grant, one.minutes]));
  const byBatch = groupBy(grants, ({ batch }) => batch ?? '');
  const refOf = (id: string): PersonRef => ({ id, name: names.get(id) ?? null });
  return found.map((batch) => {
    const own = byBatch.get(batch.id) ?? [];
    const byPerson = [...groupBy(own, ({ person }) => person)];
    return {
      ...{ batch, maker: refOf(batch.maker), reason: reasonOfBatch(metadataKey, batch), totals: workTotals(own, now) },
      reviewers: byPerson.map(([person, theirs]) => ({
        ...{ ...refOf(person), trainedUntil: trained.get(person) ?? null, ...workTotals(theirs, now) },
        minutes: theirs.reduce((sum, { id }) => sum + (served.get(id) ?? 0), 0),
      })),
    };
  });
}

export function noBatch(): VaultError {
  return new VaultError('not_found', 'there is no such batch');
}
