// The pace of a session: as the policy says, and within what its row has counted of all processes.
import { USUAL_PACE } from '../../model/policy.ts';
import type { Clock } from '../../ports/clock.ts';
import { BURST, type ListeningRate } from '../core/media-budget.ts';
import type { LiveSession } from './live-session.ts';

type SessionPace = Pick<ListeningRate, 'speed' | 'leftInRow'> & {
  /** Takes policy and time of a later check. */
  readonly update: (live: LiveSession) => void;
};

/**
 * A session gets 30 seconds of its call, and `pace` seconds in each second since it was opened: the bound that holds over
 * all processes, for a part that was served again does not count again. The bucket of a process is stricter as a rule.
 */
export function sessionPace(
  { clock }: { readonly clock: Pick<Clock, 'now'> },
  first: LiveSession,
  playedMs: () => number,
): SessionPace {
  let live = first;
  // The age of a session is by the database's clock, so that clocks of processes may differ.
  let looked = clock.now();
  const speed = (): number => live.policy.pace ?? USUAL_PACE;
  return {
    speed,
    leftInRow: () => {
      const age = Date.parse(live.now) - Date.parse(live.session.opened) + Math.max(0, clock.now() - looked);
      return BURST + speed() * age - playedMs();
    },
    update: (next) => {
      live = next;
      looked = clock.now();
    },
  };
}
