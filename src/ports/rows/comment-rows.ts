// Rows of comments.
import type { Comment, CommentCursor } from '../../model/comment.ts';
import type { ChangeableRows, FindableRows } from './versioned.ts';

/** What names a comment. */
export type CommentKey = Pick<Comment, 'tenant' | 'id'>;

/** A comment, and whether an entry says this version of it. */
export type FiledComment = { readonly comment: Comment; readonly filed: boolean };

export type CommentRows = FindableRows<Comment> & {
  /** Comments on a recording that `person` may read, in the order of the call, after a cursor, at most `limit`. */
  readonly page: (
    tenant: string,
    recording: string,
    person: string,
    after: CommentCursor | null,
    limit: number,
  ) => Promise<Comment[]>;
  /** All comments on a recording, including private ones, in the order of their ids. */
  readonly ofRecording: (tenant: string, recording: string) => Promise<FiledComment[]>;
  /** Number of comments on a recording, including private ones. */
  readonly count: (tenant: string, recording: string) => Promise<number>;
  /** Comments of all tenants that no entry says, in order, after a comment (null: from the first), at most `limit`. */
  readonly unfiled: (after: CommentKey | null, limit: number) => Promise<Comment[]>;
  /** The number of them, or `most` where there are more. */
  readonly countUnfiled: (most: number) => Promise<number>;
};

/** What inserts or changes a comment writes its entry in the same transaction. */
export type CommentWrites = CommentRows &
  ChangeableRows<Comment> & {
    /** Deletes a comment if it is unchanged since it was read; false otherwise. */
    readonly delete: (comment: Comment) => Promise<boolean>;
    /** Records that an entry says this version of a comment; false where one does already, or the comment has changed. */
    readonly markFiled: (comment: Comment) => Promise<boolean>;
    /** Deletes all comments on a recording. */
    readonly deleteOf: (tenant: string, recording: string) => Promise<void>;
  };
