// Calls that were selected to be assigned, on their way to the form on the assignments page.
import type { Recording } from '../api/types.ts';
import { createStore } from './store.ts';

type Facts = Pick<Recording, 'started_at' | 'direction' | 'from_masked' | 'to_masked'>;

/** `insteadOf` is the grant that a new one replaces; `facts` are null once the recording is erased. */
export type CallToAssign = {
  readonly recording: string;
  readonly facts: Facts | null;
  readonly insteadOf?: string;
};

export type ToAssign = {
  readonly calls: readonly CallToAssign[];
  /** Of the batch that these calls were in; null for calls from the list of recordings. */
  readonly before: { readonly purpose: string; readonly objects: readonly string[]; readonly reason: string } | null;
};

/** Null while nothing is being assigned. */
export const toAssign = createStore<ToAssign | null>(null);
