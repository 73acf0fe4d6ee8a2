// Comments and their columns.
import type { Comment } from '../../model/comment.ts';

/** A comment's columns: `filed` is the version that its last entry says. */
export type CommentColumns = Comment & { readonly filed: number };

/** The comment of a row. */
export function toComment({ filed: _, ...comment }: CommentColumns): Comment {
  return comment;
}
