// Whether a live grant gives sound here: by a use that is left, or by a session of this browser that is still open.
import type { Grant } from '../../api/types.ts';
import { keptSessionFor } from './kept-sessions.ts';

/** Whether "Listen" may be offered on a grant whose time is not over. */
export function canPlay({ uses_left: left, recording }: Pick<Grant, 'uses_left' | 'recording'>): boolean {
  return left > 0 || keptSessionFor(recording) !== null;
}
