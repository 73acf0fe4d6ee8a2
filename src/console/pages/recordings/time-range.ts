// Time range of the period filter, as the API takes it.
import { dayAfter, midnight } from '../../i18n/days.ts';

/**
 * Range for a `span` of the address, with `today` in the zone. The default is since yesterday: call centres also work
 * at night, and a list of today would be empty just after midnight.
 */
export function timeRangeOf(span: string | undefined, today: string, timeZone: string): { from?: string; to?: string } {
  if (span === 'all') return {};
  if (span === '7d') return { from: midnight(dayAfter(today, -6), timeZone) };
  if (span === '30d') return { from: midnight(dayAfter(today, -29), timeZone) };
  const [first, last] = (span ?? '').split('..');
  if (first !== undefined && last !== undefined)
    return { from: midnight(first, timeZone), to: midnight(dayAfter(last, 1), timeZone) };
  return { from: midnight(dayAfter(today, -1), timeZone) };
}
