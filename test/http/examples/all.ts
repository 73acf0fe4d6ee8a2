// The examples of all operations, in an order in which one world has them all.
import { assignments } from './assignments.ts';
import { changes } from './changes.ts';
import type { Examples } from './example.ts';
import { listeningExamples } from './listening.ts';
import { people } from './people.ts';
import { recordings } from './recordings.ts';
import { signIn } from './sign-in.ts';
import { erasures, subjects } from './subjects.ts';

/** Of operations that write events. Erasures first: they move the clock. Assignments before changes: they set the policy that a preview compares with. */
export const EXAMPLES: Examples = {
  ...erasures,
  ...recordings,
  ...listeningExamples,
  ...assignments,
  ...subjects,
  ...people,
  ...changes,
  ...signIn,
};
