// Views of assigned grants and their batches, read for many at once.

import { parseCanonicalObject } from '../../bytes/canonical-json.ts';
import { openColumn } from '../../envelope/column.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import type { Grant } from '../../model/access.ts';
import { type Batch, type WorkState, workStateOf } from '../../model/batch.ts';
import { totalLength } from '../../model/served-ranges.ts';
import type { Rows } from '../../ports/database.ts';
import { openSealedNote } from '../access/sealed-notes.ts';
import { type GrantView, grantViews, type PersonRef } from '../access/views.ts';
import { requireAuthentic } from '../core/authority/authority-rows.ts';
import { groupBy } from '../core/group-by.ts';
import { readNames } from '../core/personal/names.ts';

/** An assigned grant as work: its state, since when it is finished, why it was returned, and the share that was heard. */
export type WorkView = GrantView & {
  readonly work: {
    readonly state: WorkState;
    readonly at: string | null;
    readonly reason: string | null;
    readonly heardPercent: number | null;
  };
};

/** The batch of an assigned grant, as its reviewer sees it. */
export type BatchRef = {
  readonly batch: Batch;
  readonly maker: PersonRef;
  readonly reason: string | null;
};

/** The reason of a batch; null where its row has none. Throws `integrity`. */
export function reasonOfBatch(metadataKey: SecretKey, { tenant, id, words }: Batch): string | null {
  return openSealedNote<{ reason: string }>(metadataKey, tenant, id, words).reason ?? null;
}

/** The views of assigned grants, in the same order. Throws `integrity`. */
export async function workViews(
  rows: Rows,
  metadataKey: SecretKey,
  tenant: string,
  grants: readonly Grant[],
  now: string,
): Promise<WorkView[]> {
  for (const grant of grants) requireAuthentic(metadataKey, 'access_grant', grant);
  const [views, sessions] = await Promise.all([
    grantViews(rows, metadataKey, tenant, grants),
    rows.sessions.ofGrants(
      tenant,
      grants.map(({ id }) => id),
    ),
  ]);
  const byGrant = groupBy(sessions, ({ grant }) => grant);
  return views.map((view) => {
    const { grant, recording } = view;
    const ranges = (byGrant.get(grant.id) ?? []).flatMap(({ heard }) => heard ?? []);
    const length = recording?.recording.durationMs ?? null;
    const heard =
      length === null || length === 0 ? null : Math.min(100, Math.round((100 * totalLength(ranges)) / length));
    const work = {
      state: workStateOf(grant, now),
      at: grant.done ?? grant.revokedAt,
      reason: reasonOfReturn(metadataKey, grant),
      heardPercent: heard,
    };
    return { ...view, work };
  });
}

/** The batches of these ids with names and reasons. Throws `integrity`. */
export async function batchRefs(
  rows: Rows,
  metadataKey: SecretKey,
  tenant: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, BatchRef>> {
  const found = await rows.batches.findMany(tenant, [...new Set(ids)].sort());
  for (const one of found) requireAuthentic(metadataKey, 'batch', one);
  const names = await readNames(rows, metadataKey, tenant, [...new Set(found.map(({ maker }) => maker))]);
  return new Map(
    found.map((batch) => [
      batch.id,
      {
        batch,
        maker: { id: batch.maker, name: names.get(batch.maker) ?? null },
        reason: reasonOfBatch(metadataKey, batch),
      },
    ]),
  );
}

/** The reason of a return; null where there is none, or once it is erased. */
function reasonOfReturn(metadataKey: SecretKey, { tenant, id, doneWords }: Grant): string | null {
  if (doneWords === null || doneWords.length === 0) return null;
  const text = openColumn(metadataKey, { tenant, row: id, column: 'done_words' }, doneWords);
  return (parseCanonicalObject(text) as { readonly reason?: string }).reason ?? null;
}
