// Comments in SQL.
import type { Comment } from '../../model/comment.ts';
import type { CommentKey, CommentWrites } from '../../ports/rows/comment-rows.ts';
import { type CommentColumns, toComment } from './comment-mapping.ts';
import type { Connection } from './connection.ts';
import { asStored } from './mapping.ts';
import { query } from './query.ts';
import { versionedTable } from './versioned.ts';

const table = versionedTable('comment', asStored<CommentColumns>());

type Cursor = { readonly startMs: number; readonly id: string };

const page = query((db, tenant: string, recording: string, person: string, after: Cursor | null, limit: number) => {
  const all = db
    .selectFrom('comment')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('recording', '=', recording)
    .where(({ eb, or }) => or([eb('visibility', '=', 'team'), eb('author', '=', person)]));
  const rest =
    after === null
      ? all
      : all.where(({ eb, or, and }) =>
          or([eb('startMs', '>', after.startMs), and([eb('startMs', '=', after.startMs), eb('id', '>', after.id)])]),
        );
  return rest.orderBy('startMs').orderBy('id').limit(limit);
});
const ofRecording = query((db, tenant: string, recording: string) =>
  db.selectFrom('comment').selectAll().where('tenant', '=', tenant).where('recording', '=', recording).orderBy('id'),
);
const count = query((db, tenant: string, recording: string) =>
  db
    .selectFrom('comment')
    .select(({ fn }) => fn.countAll<number>().as('n'))
    .where('tenant', '=', tenant)
    .where('recording', '=', recording),
);
const deleteOne = query((db, tenant: string, id: string, version: number) =>
  db.deleteFrom('comment').where('tenant', '=', tenant).where('id', '=', id).where('version', '=', version),
);
const deleteOf = query((db, tenant: string, recording: string) =>
  db.deleteFrom('comment').where('tenant', '=', tenant).where('recording', '=', recording),
);
const unfiled = query((db, after: CommentKey | null, limit: number) => {
  const all = db.selectFrom('comment').selectAll().whereRef('filed', '<', 'version');
  const rest =
    after === null
      ? all
      : all.where(({ eb, refTuple, tuple }) => eb(refTuple('tenant', 'id'), '>', tuple(after.tenant, after.id)));
  return rest.orderBy('tenant').orderBy('id').limit(limit);
});
const countUnfiled = query((db, most: number) =>
  db
    .selectFrom((from) =>
      from.selectFrom('comment').select('id').whereRef('filed', '<', 'version').limit(most).as('some'),
    )
    .select(({ fn }) => fn.countAll<number>().as('n')),
);
const markFiled = query((db, { tenant, id, version }: CommentKey & { readonly version: number }) =>
  db
    .updateTable('comment')
    .set(({ ref }) => ({ filed: ref('version') }))
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .where('version', '=', version)
    .whereRef('filed', '<', 'version'),
);

export function commentRows(db: Connection): CommentWrites {
  const { find, lock, insert, change } = table(db);
  const commentOr = (row: CommentColumns | null): Comment | null => (row === null ? null : toComment(row));
  return {
    find: async (tenant, id) => commentOr(await find(tenant, id)),
    lock: async (tenant, id) => commentOr(await lock(tenant, id)),
    // An insert and a change write the comment's entry.
    insert: (comment) => insert({ ...comment, filed: comment.version }),
    change: (from, to) => change({ ...from, filed: from.version }, { ...to, filed: from.version + 1 }),
    page: async (tenant, recording, person, after, limit) =>
      (await db.all(page(tenant, recording, person, after, limit))).map(toComment),
    ofRecording: async (tenant, recording) =>
      (await db.all(ofRecording(tenant, recording))).map((row) => ({
        comment: toComment(row),
        filed: row.filed >= row.version,
      })),
    unfiled: async (after, limit) => (await db.all(unfiled(after, limit))).map(toComment),
    countUnfiled: async (most) => (await db.first(countUnfiled(most)))?.n ?? 0,
    markFiled: async ({ tenant, id, version }) => (await db.run(markFiled({ tenant, id, version }))) === 1,
    count: async (tenant, recording) => (await db.first(count(tenant, recording)))?.n ?? 0,
    delete: async ({ tenant, id, version }) => (await db.run(deleteOne(tenant, id, version))) === 1,
    deleteOf: async (tenant, recording) => {
      await db.run(deleteOf(tenant, recording));
    },
  };
}
