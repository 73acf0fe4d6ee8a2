// Calendar days of a time zone, as absolute times.

const DAY_MS = 86_400_000;

/** The day a number of days later: `2026-11-25` and -1 give `2026-11-24`. */
export function dayAfter(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00.000Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** Start of a day in a zone, as an ISO time. */
export function midnight(day: string, timeZone: string): string {
  return timeAt(`${day}T00:00`, timeZone);
}

/** The moment of a wall-clock time in a zone, such as `2026-11-27T18:00`, as an ISO time. */
export function timeAt(wallTime: string, timeZone: string): string {
  const wall = Date.parse(`${wallTime}:00.000Z`);
  // Twice: the first guess may be on the other side of a change to or from summer time.
  const once = wall - offsetAt(wall, timeZone);
  return new Date(wall - offsetAt(once, timeZone)).toISOString();
}

/** Start of the day `back` days before today in the zone. */
export function dayStart(now: number, timeZone: string, back: number): string {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' });
  return midnight(dayAfter(format.format(now), -back), timeZone);
}

/** The wall-clock time of a moment in a zone, in minutes: `2026-11-27T18:00`. */
export function wallTimeOf(iso: string, timeZone: string): string {
  const time = Date.parse(iso);
  return new Date(time + offsetAt(time, timeZone)).toISOString().slice(0, 16);
}

const FRIDAY = 5;

/** The wall-clock time of 18:00 on the next Friday in a zone; on a Friday, of the one after it. */
export function nextFriday(now: number, timeZone: string): string {
  const today = wallTimeOf(new Date(now).toISOString(), timeZone).slice(0, 10);
  const weekday = new Date(`${today}T00:00:00.000Z`).getUTCDay();
  return `${dayAfter(today, ((FRIDAY - weekday + 6) % 7) + 1)}T18:00`;
}

/** Offset of the zone from UTC at a time. */
function offsetAt(time: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' },
  } as Intl.DateTimeFormatOptions).formatToParts(time);
  const of = (type: string): number => Number(parts.find((part) => part.type === type)?.value);
  const local = Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
  return local - Math.floor(time / 1000) * 1000;
}
