// Outcome of a request.

import { serverNow } from '../../api/server-clock.ts';
import type { AccessRequestView } from '../../api/types.ts';

type Outcome = 'requested' | 'denied' | 'cancelled' | 'live' | 'expired' | 'revoked' | 'consumed';

export const TONES: Readonly<Record<Outcome, string>> = {
  requested: 'wait',
  denied: 'no',
  cancelled: '',
  live: 'yes',
  expired: '',
  revoked: 'no',
  consumed: '',
};

/**
 * The request's state, and after approval that of its grant; an expired time counts even before the service records it.
 */
export function outcomeOf({ state, expires, grant }: AccessRequestView): Outcome {
  if (state === 'requested') return Date.parse(expires) > serverNow() ? 'requested' : 'expired';
  if (state === 'denied' || state === 'cancelled') return state;
  if (state !== 'approved' || grant === null) return 'expired';
  if (grant.state === 'revoked' || grant.state === 'consumed') return grant.state;
  return grant.state === 'approved' && Date.parse(grant.expires) > serverNow() ? 'live' : 'expired';
}
