// What somebody has typed about a recording and not saved: in memory alone, and it outlives the grant.
import { createStore, type Store } from '../components/store.ts';
import type { Category, Visibility } from './types.ts';

export type Draft = {
  readonly text: string;
  readonly category: Category;
  readonly visibility: Visibility;
  /** The comment that is being rewritten, or null for a new one. */
  readonly editing: string | null;
  /** Where it belongs; null while it follows the playhead. */
  readonly start: number | null;
  readonly end: number | null;
};

export const NO_DRAFT: Draft = {
  ...{ text: '', category: 'note', visibility: 'team', editing: null, start: null, end: null },
};

const drafts = new Map<string, Store<Draft>>();

/** The draft of a recording. */
export function draftOf(recording: string): Store<Draft> {
  const known = drafts.get(recording) ?? createStore(NO_DRAFT);
  drafts.set(recording, known);
  return known;
}
