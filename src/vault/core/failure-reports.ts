// Which failures of background work are reported: a log that takes no events fails rounds each second until a person puts it right.
import { hasCode } from '../../errors.ts';
import type { Clock } from '../../ports/clock.ts';
import { backoff } from './backoff.ts';

const WAITS = [60_000, 3_600_000] as const;

export type FailureReports = {
  /** Whether to report this failure of a round. */
  readonly isDue: (name: string, error: unknown) => boolean;
  readonly succeeded: (name: string) => void;
};

/** Every failure is due, but that a log takes no events ever less often, by the name of the work. */
export function failureReports(clock: Pick<Clock, 'now'>): FailureReports {
  const waits = backoff(clock, ...WAITS);
  return {
    isDue: (name, error) => {
      if (!hasCode(error, 'audit_unavailable', 'clock_differs')) return true;
      if (waits.waits(name)) return false;
      waits.failed(name);
      return true;
    },
    succeeded: waits.succeeded,
  };
}
