// A recording's comments, as its stream leaves them.
import type { AmendmentEntry, CommentAmendment } from './amendment.ts';

/** The comments by id: of each the last entry, and none where that removes it. Versions decide nothing. */
export function foldComments(entries: readonly AmendmentEntry[]): readonly CommentAmendment[] {
  const comments = new Map<string, CommentAmendment>();
  for (const { body } of entries) {
    if (body.op !== 'comment') continue;
    if ('text' in body) comments.set(body.id, body);
    else comments.delete(body.id);
  }
  return [...comments.values()].sort((one, other) => (one.id < other.id ? -1 : 1));
}
