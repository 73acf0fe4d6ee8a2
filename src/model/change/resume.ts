// A change that resumes a tenant's expiry.
import type { ExpiryState } from '../retention/rows.ts';

/** `was` is what expiry was, `due` how many recordings were due at `at`, when it was proposed: so many may go. */
export type ResumeBody = {
  readonly v: 1;
  readonly kind: 'resume';
  readonly was: Exclude<ExpiryState, 'RUNNING'>;
  readonly due: number;
  readonly at: string;
};
