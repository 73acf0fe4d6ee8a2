// The view of a comment: its opened text and its author's name.
import { openColumn, sealColumn } from '../../envelope/column.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import type { Comment } from '../../model/comment.ts';
import type { Rows } from '../../ports/database.ts';
import { readNames } from '../core/personal/names.ts';

/** A comment with its text; `name` is null where the author's name is not authentic. */
export type CommentView = {
  readonly comment: Comment;
  readonly text: string;
  readonly name: string | null;
};

const COLUMN = 'words';

/** The sealed text of a comment's row. */
export function sealCommentText(
  metadataKey: SecretKey,
  { tenant, id }: Pick<Comment, 'tenant' | 'id'>,
  text: string,
): Buffer {
  return sealColumn(metadataKey, { tenant, row: id, column: COLUMN }, Buffer.from(text));
}

/** The text of a comment's row. Throws `integrity` where it is not authentic. */
export function openCommentText(
  metadataKey: SecretKey,
  { tenant, id, words }: Pick<Comment, 'tenant' | 'id' | 'words'>,
): string {
  return openColumn(metadataKey, { tenant, row: id, column: COLUMN }, words).toString('utf8');
}

/** The views of some comments of one tenant. Throws `integrity` for a text that is not authentic. */
export async function commentViews(
  rows: Pick<Rows, 'principals'>,
  metadataKey: SecretKey,
  tenant: string,
  comments: readonly Comment[],
): Promise<CommentView[]> {
  const names = await readNames(
    rows,
    metadataKey,
    tenant,
    comments.map(({ author }) => author),
  );
  return comments.map((comment) => ({
    comment,
    text: openCommentText(metadataKey, comment),
    name: names.get(comment.author) ?? null,
  }));
}
