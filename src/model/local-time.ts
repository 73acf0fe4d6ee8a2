// Wall clocks of time zones: the local date and time of a moment, and when a local day begins.

/** The local time of a moment. `date` is a day since 1970-01-01, `weekday` 1 for Monday to 7, `minute` of the day. */
export type LocalTime = { readonly date: number; readonly weekday: number; readonly minute: number };

const DAY_MS = 86_400_000;
/** No zone is further from UTC than 14 hours, and none has gone further than 16. */
const FURTHEST_MS = 16 * 3_600_000;

/** Making a formatter takes far longer than using it. */
const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone);
  if (known !== undefined) return known;
  const digits = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' } as const;
  const made = new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', ...digits });
  formatters.set(timeZone, made);
  return made;
}

/** The local time of a moment in a zone that this machine knows. */
export function localTimeOf(timeZone: string, moment: number): LocalTime {
  const parts: Record<string, number> = {};
  for (const { type, value } of formatterOf(timeZone).formatToParts(moment)) parts[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = parts;
  const date = Date.UTC(year, month - 1, day) / DAY_MS;
  // 1970-01-01 was a Thursday.
  return { date, weekday: ((((date + 3) % 7) + 7) % 7) + 1, minute: hour * 60 + minute };
}

/** The local date of a moment, as YYYY-MM-DD. */
export function localDate(timeZone: string, moment: number): string {
  return new Date(localTimeOf(timeZone, moment).date * DAY_MS).toISOString().slice(0, 10);
}

/** A local day by its date, and when it begins and ends, in UTC. */
export type LocalDay = { readonly day: string; readonly from: string; readonly to: string };

/** The local days from one date to another, both included; none where the last is before the first. */
export function localDaysBetween(timeZone: string, first: string, last: string): LocalDay[] {
  const days: LocalDay[] = [];
  for (let date = Date.parse(first) / DAY_MS; date <= Date.parse(last) / DAY_MS; date++) {
    // At noon in UTC the date there is this one, or the next where the zone is far ahead.
    const noon = date * DAY_MS + DAY_MS / 2;
    const moment = noon - (localTimeOf(timeZone, noon).date - date) * DAY_MS;
    const day = new Date(date * DAY_MS).toISOString().slice(0, 10);
    // A zone that moves across the date line skips a day.
    if (localDate(timeZone, moment) === day) days.push({ day, ...localDayOf(timeZone, moment) });
  }
  return days;
}

/** The local day of a moment: from its beginning to before that of the next. */
export function localDayOf(timeZone: string, moment: number): { readonly from: string; readonly to: string } {
  const from = startOfLocalDay(timeZone, moment);
  // Days have 23 to 25 hours.
  const to = startOfLocalDay(timeZone, from + 36 * 3_600_000);
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
}

/** How many days of a zone are kept: around midnight, sessions of yesterday and of today each need theirs and the next. */
const KEPT_DAYS = 4;
/** The beginnings of the days that were asked for last in each zone: calls come on the same few days. */
const begun = new Map<string, Map<number, number>>();

/**
 * When the local day of a moment begins: at midnight, or where the clock skips midnight, right after that. It is the same
 * for every moment of the day.
 */
export function startOfLocalDay(timeZone: string, moment: number): number {
  const { date } = localTimeOf(timeZone, moment);
  const days = begun.get(timeZone) ?? new Map<number, number>();
  const known = days.get(date);
  if (known !== undefined) return known;
  // The bounds depend on the date alone, and so does the result.
  let [before, after] = [date * DAY_MS - FURTHEST_MS, date * DAY_MS + FURTHEST_MS];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (localTimeOf(timeZone, middle).date >= date) after = middle;
    else before = middle;
  }
  const [oldest] = days.keys();
  if (oldest !== undefined && days.size >= KEPT_DAYS) days.delete(oldest);
  begun.set(timeZone, days.set(date, after));
  return after;
}
