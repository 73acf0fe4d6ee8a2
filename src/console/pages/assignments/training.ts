// Whether a reviewer's training still counts.
import { formatIn } from '../../i18n/use-format.ts';

/** Whether the last day of a training has passed in a zone. A person without a recorded training is not called expired. */
export function isTrainingOver(until: string | null, now: number, timeZone: string): boolean {
  return until !== null && until < formatIn('en', timeZone).day(new Date(now).toISOString());
}
