// What somebody has typed about a recording and not saved: in memory alone, and it outlives the grant.
import { createStore, type Store } from '../../state/store.ts';
import type { Category, Comment, Visibility } from '../session/types.ts';

export type Draft = {
  readonly text: string;
  readonly category: Category;
  readonly visibility: Visibility;
  /** The comment that is being rewritten, as it was saved, or null for a new one. */
  readonly editing: Pick<Comment, 'id' | 'text' | 'category' | 'visibility'> | null;
  /** Where it belongs; null while it follows the playhead. */
  readonly start: number | null;
  readonly end: number | null;
};

export const NO_DRAFT: Draft = {
  ...{ text: '', category: 'note', visibility: 'team', editing: null, start: null, end: null },
};

/** Whether something would be lost: what was opened to be rewritten and is as it was saved is no draft. */
export function isUnsaved({ text, category, visibility, editing }: Draft): boolean {
  if (editing === null) return text.trim() !== '';
  return text !== editing.text || category !== editing.category || visibility !== editing.visibility;
}

const drafts = new Map<string, Store<Draft>>();

/** The draft of a recording. */
export function draftOf(recording: string): Store<Draft> {
  const known = drafts.get(recording) ?? createStore(NO_DRAFT);
  drafts.set(recording, known);
  return known;
}
