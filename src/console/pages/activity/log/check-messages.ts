// Messages between the activity page and the worker that checks the log.
import type { Problem } from '../../../api/problem.ts';
import type { WholeChecked } from './check-log.ts';

/** The log's name, the verifier keys that the reader entered, and the language of problems. */
export type ToCheckWorker = { readonly log: string; readonly keys: readonly string[]; readonly language: string };

/** Events so far; the end of the check; or why it ended early: null for an error that is no reply of the API. */
export type FromCheckWorker =
  | { readonly count: number }
  | { readonly checked: WholeChecked; readonly seconds: number }
  | { readonly problem: Problem | null };
