// Rows of comments.
import type { Comment, CommentCursor } from '../../model/comment.ts';
import type { ChangeableRows, FindableRows } from './versioned.ts';

export type CommentRows = FindableRows<Comment> & {
  /** Comments on a recording that `person` may read, in the order of the call, after a cursor, at most `limit`. */
  readonly page: (
    tenant: string,
    recording: string,
    person: string,
    after: CommentCursor | null,
    limit: number,
  ) => Promise<Comment[]>;
  /** Number of comments on a recording, including private ones. */
  readonly count: (tenant: string, recording: string) => Promise<number>;
};

export type CommentWrites = CommentRows &
  ChangeableRows<Comment> & {
    /** Deletes a comment if it is unchanged since it was read; false otherwise. */
    readonly delete: (comment: Comment) => Promise<boolean>;
    /** Deletes all comments on a recording. */
    readonly deleteOf: (tenant: string, recording: string) => Promise<void>;
  };
