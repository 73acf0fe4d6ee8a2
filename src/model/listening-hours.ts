// The hours in which people listen: days of the week, from one time of the day to another, by the tenant's clock.
import { localTimeOf } from './local-time.ts';

/** Days of the week, as policies name them, from Monday on. */
export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/**
 * Hours of listening, in the tenant's time zone. `from` and `to` are `HH:MM`, `to` up to `24:00`. Where `to` is earlier
 * than `from`, the hours end on the next day; `days` are those on which they begin.
 */
export type ListeningHours = { readonly days: readonly Weekday[]; readonly from: string; readonly to: string };

const DAY = 1_440;

/** Whether people may listen at a moment. In an hour that the clock repeats, they may both times. */
export function isWithinHours(hours: ListeningHours, timeZone: string, moment: number): boolean {
  const { weekday, minute } = localTimeOf(timeZone, moment);
  return isOpen(hours, weekday, minute);
}

function isOpen({ days, from, to }: ListeningHours, weekday: number, minute: number): boolean {
  const [start, end] = [minuteOf(from), minuteOf(to)];
  const on = (day: number): boolean => days.some((name) => WEEKDAYS.indexOf(name) + 1 === day);
  if (start < end) return on(weekday) && minute >= start && minute < end;
  const yesterday = weekday === 1 ? 7 : weekday - 1;
  return (on(weekday) && minute >= start) || (on(yesterday) && minute < end);
}

/** Whether all of some hours are within others. */
export function coversHours(hours: ListeningHours, others: ListeningHours): boolean {
  for (let weekday = 1; weekday <= 7; weekday += 1)
    for (let minute = 0; minute < DAY; minute += 1)
      if (isOpen(others, weekday, minute) && !isOpen(hours, weekday, minute)) return false;
  return true;
}

/** Minutes of `HH:MM` since midnight. */
export function minuteOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}
