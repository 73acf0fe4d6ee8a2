// Unsaved comment drafts by recording: kept in memory only, beyond the end of the grant.
import { createStore, type Store } from '../../state/store.ts';
import type { Category, Comment, Visibility } from '../session/types.ts';

export type Draft = {
  readonly text: string;
  readonly category: Category;
  readonly visibility: Visibility;
  /** The comment being edited, as saved; null for a new one. */
  readonly editing: Pick<Comment, 'id' | 'text' | 'category' | 'visibility'> | null;
  /** Start position; null while it follows the playhead. */
  readonly start: number | null;
  readonly end: number | null;
};

export const NO_DRAFT: Draft = {
  ...{ text: '', category: 'note', visibility: 'team', editing: null, start: null, end: null },
};

/** Whether the draft has unsaved changes; a comment opened for editing and left unchanged has none. */
export function isUnsaved({ text, category, visibility, editing }: Draft): boolean {
  if (editing === null) return text.trim() !== '';
  return text !== editing.text || category !== editing.category || visibility !== editing.visibility;
}

const drafts = new Map<string, Store<Draft>>();

/** Draft of a recording. */
export function draftOf(recording: string): Store<Draft> {
  const known = drafts.get(recording) ?? createStore(NO_DRAFT);
  drafts.set(recording, known);
  return known;
}
