// What a comment's change writes to its recording's stream.
import type { Comment } from '../../model/comment.ts';
import type { AmendmentText } from '../core/amendments/write-entry.ts';

/** The entry of a comment after its change, whole. */
export function commentEntry(comment: Comment, text: string): AmendmentText {
  const { id, version, author, startMs, endMs, category, visibility, created, edited } = comment;
  return {
    op: 'comment',
    ...{ id, version, author, category, visibility, created, text },
    start_ms: startMs,
    ...(endMs === null ? {} : { end_ms: endMs }),
    ...(edited === null ? {} : { edited }),
  };
}

/** The entry of a comment's removal: nothing personal stays in it. */
export function removalEntry({ id, version }: Comment): AmendmentText {
  return { op: 'comment', id, version: version + 1 };
}
