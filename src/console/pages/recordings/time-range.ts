// What a filter by days asks the API for.
import { dayAfter, midnight } from '../../i18n/days.ts';

/**
 * From when to when: `span` as the address has it, `today` in the zone. Without one it is since yesterday: centres work
 * at night too, and a list of today would be empty just after midnight.
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
