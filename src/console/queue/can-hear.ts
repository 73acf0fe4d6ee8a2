// Whether an assigned call can still be listened to.
import { canPlay } from '../player/session/kept-sessions.ts';
import type { QueuedCall } from './types.ts';

/** Before its latest start, or while its clock runs, with a use or an open session; `now` in the service's milliseconds. */
export function canHear(call: Pick<QueuedCall, 'expires' | 'uses_left' | 'recording'>, now: number): boolean {
  return Date.parse(call.expires) > now && canPlay(call);
}
