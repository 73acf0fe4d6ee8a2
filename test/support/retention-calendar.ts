// The twin's calendar: every day from 1900 to 2700 in a list, and periods that are found in it without a date library.

/** An instant as `2026-01-31T23:00:00.000Z`: as texts, instants sort by time. */
export type Instant = string;

const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const FIRST_YEAR = 1900;
const LAST_YEAR = 2700;

/** Every day from 1900 to 2700 as `2026-01-31`, in order, and the place of each. */
const DAYS: string[] = [];
const PLACE = new Map<string, number>();
for (let year = FIRST_YEAR; year <= LAST_YEAR; year++) {
  for (let month = 1; month <= 12; month++) {
    const leap = year % 400 === 0 || (year % 4 === 0 && year % 100 !== 0);
    const length = (DAYS_IN_MONTH[month - 1] as number) + (month === 2 && leap ? 1 : 0);
    for (let day = 1; day <= length; day++) {
      PLACE.set(dayText(year, month, day), DAYS.length);
      DAYS.push(dayText(year, month, day));
    }
  }
}

function dayText(year: number, month: number, day: number): string {
  return `${year}-${month < 10 ? '0' : ''}${month}-${day < 10 ? '0' : ''}${day}`;
}

/** The place of a day in the twin's calendar: the next day has the next number. */
export function placeOf(day: string): number {
  const place = PLACE.get(day);
  if (place === undefined) throw new Error(`the twin's calendar has no ${day}`);
  return place;
}

/** The day at a place of the twin's calendar, as `2026-01-31`. */
export function dayAt(place: number): string {
  const day = DAYS[place];
  if (day === undefined) throw new Error(`the twin's calendar has no day ${place}`);
  return day;
}

/** The last day of a period: of days by counting them, of months and years by the same number or the last there is. */
function lastDay(first: string, period: string): string {
  const n = Number(period.slice(1, -1));
  if (period.endsWith('D')) return dayAt(placeOf(first) + n);
  let year = Number(first.slice(0, 4));
  let month = Number(first.slice(5, 7));
  let day = Number(first.slice(8, 10));
  if (period.endsWith('Y')) year += n;
  else
    for (let passed = 0; passed < n; passed++) {
      month++;
      if (month === 13) {
        month = 1;
        year++;
      }
    }
  while (!PLACE.has(dayText(year, month, day))) {
    day--;
    if (day === 0) throw new Error(`the twin's calendar ends before ${first} ${period}`);
  }
  return dayText(year, month, day);
}

/** When a period that starts at an instant ends: 12:00 UTC of the day after its last. */
export function periodEnd(start: Instant, period: string): Instant {
  return `${dayAt(placeOf(lastDay(start.slice(0, 10), period)) + 1)}T12:00:00.000Z`;
}
