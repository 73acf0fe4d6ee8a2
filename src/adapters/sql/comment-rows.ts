// Comments in SQL.
import type { Comment } from '../../model/comment.ts';
import type { CommentWrites } from '../../ports/rows/comment-rows.ts';
import type { Connection } from './connection.ts';
import { asStored } from './mapping.ts';
import { query } from './query.ts';
import { versionedTable } from './versioned.ts';

const table = versionedTable('comment', asStored<Comment>());

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

export function commentRows(db: Connection): CommentWrites {
  return {
    ...table(db),
    page: (tenant, recording, person, after, limit) => db.all(page(tenant, recording, person, after, limit)),
    count: async (tenant, recording) => (await db.first(count(tenant, recording)))?.n ?? 0,
    delete: async ({ tenant, id, version }) => (await db.run(deleteOne(tenant, id, version))) === 1,
    deleteOf: async (tenant, recording) => {
      await db.run(deleteOf(tenant, recording));
    },
  };
}
