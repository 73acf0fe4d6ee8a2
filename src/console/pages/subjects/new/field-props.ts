// What each part of the form of a new request gets.
import type { Draft, Place } from './draft.ts';

/** Text of what is wrong in a place of the form; null where nothing is. */
export type ErrorAt = (place: Place) => string | null;

export type FieldProps = {
  readonly draft: Draft;
  readonly setDraft: (draft: Draft) => void;
  readonly errorAt: ErrorAt;
};
