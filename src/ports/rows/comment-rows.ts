// Rows of comments.
import type { Comment, CommentCursor } from '../../model/comment.ts';
import type { ChangeableRows, FindableRows } from './versioned.ts';

export type CommentRows = FindableRows<Comment> & {
  /** Those on a recording that `person` may read, in the order of the call, after a cursor, at most `limit`. */
  readonly page: (
    tenant: string,
    recording: string,
    person: string,
    after: CommentCursor | null,
    limit: number,
  ) => Promise<Comment[]>;
  /** How many there are on a recording, whoever may read them. */
  readonly count: (tenant: string, recording: string) => Promise<number>;
};

export type CommentWrites = CommentRows &
  ChangeableRows<Comment> & {
    /** Deletes one that is still as it was read; false where it is not. */
    readonly delete: (comment: Comment) => Promise<boolean>;
    /** Deletes all on a recording. */
    readonly deleteOf: (tenant: string, recording: string) => Promise<void>;
  };
