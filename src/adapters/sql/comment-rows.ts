// Comments in SQL.
import type { Kysely } from 'kysely';
import type { Comment } from '../../model/comment.ts';
import type { CommentWrites } from '../../ports/rows/comment-rows.ts';
import { asStored } from './mapping.ts';
import type { Schema } from './schema.ts';
import { versionedRows } from './versioned.ts';

export function commentRows(db: Kysely<Schema>): CommentWrites {
  return {
    ...versionedRows(db, 'comment', asStored<Comment>()),
    page: (tenant, recording, person, after, limit) => {
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
              or([
                eb('startMs', '>', after.startMs),
                and([eb('startMs', '=', after.startMs), eb('id', '>', after.id)]),
              ]),
            );
      return rest.orderBy('startMs').orderBy('id').limit(limit).execute();
    },
    count: async (tenant, recording) => {
      const { n } = await db
        .selectFrom('comment')
        .select(({ fn }) => fn.countAll<number>().as('n'))
        .where('tenant', '=', tenant)
        .where('recording', '=', recording)
        .executeTakeFirstOrThrow();
      return Number(n);
    },
    delete: async ({ tenant, id, version }) => {
      const { numDeletedRows } = await db
        .deleteFrom('comment')
        .where('tenant', '=', tenant)
        .where('id', '=', id)
        .where('version', '=', version)
        .executeTakeFirst();
      return numDeletedRows === 1n;
    },
    deleteOf: async (tenant, recording) => {
      await db.deleteFrom('comment').where('tenant', '=', tenant).where('recording', '=', recording).execute();
    },
  };
}
