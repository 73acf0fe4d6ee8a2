// Comments on moments of a call, for the team or for their author only.

export const COMMENT_CATEGORIES = ['compliance', 'praise', 'improve', 'follow-up', 'note'] as const;
export type CommentCategory = (typeof COMMENT_CATEGORIES)[number];

export const COMMENT_VISIBILITIES = ['team', 'private'] as const;
export type CommentVisibility = (typeof COMMENT_VISIBILITIES)[number];

/** Maximum number of comments on one recording. */
export const MAX_COMMENTS = 1_000;
/** Maximum length of a comment's text, in UTF-16 code units. */
export const MAX_COMMENT_TEXT = 4_000;

/** A comment's row. */
export type Comment = {
  readonly tenant: string;
  readonly id: string;
  readonly version: number;
  readonly recording: string;
  readonly author: string;
  readonly startMs: number;
  /** Null for a comment at one moment. */
  readonly endMs: number | null;
  readonly category: CommentCategory;
  readonly visibility: CommentVisibility;
  /** The text, sealed. */
  readonly words: Uint8Array;
  readonly created: string;
  readonly edited: string | null;
};

/** Cursor of a page of comments: after this comment, in the order of the call. */
export type CommentCursor = Pick<Comment, 'startMs' | 'id'>;

/** Whether a person may see a comment: the team's, or a private one of their own. */
export function mayReadComment(
  { visibility, author }: Pick<Comment, 'visibility' | 'author'>,
  person: string,
): boolean {
  return visibility === 'team' || author === person;
}
