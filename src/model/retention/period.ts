// Periods of retention: `P<n>D`, `P<n>M` or `P<n>Y` in the UTC calendar, and when they end.

/** A number of days, months or years. */
export type Period = `P${number}${'D' | 'M' | 'Y'}`;

/** Without end: no time is later. It is the last time that a UTC time of the format can say. */
export const FOR_EVER = '9999-12-31T23:59:59.999Z';

/** The most that a period says, a century in each unit: `retain_until` reaches no further either. */
const MOST = { D: 36_600, M: 1_200, Y: 100 } as const;

const FORM = /^P([1-9]\d{0,5})([DMY])$/;

/** Bounds of a period in words, for errors and the published schema. */
export const PERIOD_FORM = 'P<n>D, P<n>M or P<n>Y, from 1 to 36600 days, 1200 months or 100 years';

/**
 * Whether a text is a period: a whole number from 1 without leading zeros, at most a century. `P0D` is none: it would end
 * nothing sooner, and a grace of no days leaves no time to object.
 */
export function isPeriod(text: string): text is Period {
  const [, digits = '', unit = ''] = FORM.exec(text) ?? [];
  return Number(digits) > 0 && Number(digits) <= (MOST[unit as keyof typeof MOST] ?? 0);
}

/** The number and unit of a period. */
export function partsOf(period: Period): { readonly count: number; readonly unit: keyof typeof MOST } {
  return { count: Number(period.slice(1, -1)), unit: period.slice(-1) as keyof typeof MOST };
}

const LAST_YEAR = 9_999;

/**
 * When a period ends that begins at `start`, any time that `Date` reads, with an offset or in UTC: at 12:00 UTC of the day
 * after its last, as a UTC time with milliseconds. Its last day is the UTC day of `start` moved on by the period; where the
 * month it leads to has no such day, that month's last. The hour of `start` does not count beyond its UTC day, so that
 * every call of a day ends together, and noon is after that day's end in every time zone. An end beyond the year 9999 is
 * FOR_EVER.
 *
 * `2026-01-31T23:00:00Z` and `P1M`: the last day is 2026-02-28, the end `2026-03-01T12:00:00.000Z`.
 */
export function periodEnd(start: string, period: Period): string {
  // A preview asks for the same days of every profile.
  const day = UTC_FORM.test(start) ? start.slice(0, 10) : new Date(start).toISOString().slice(0, 10);
  const known = ends.get(period)?.get(day);
  if (known !== undefined) return known;
  const end = endAfter(new Date(start), period);
  remember(period, day, end);
  return end;
}

/** A time that names its UTC day: 24:00 is of the next one. */
const UTC_FORM = /^\d{4}-\d\d-\d\dT(?!24)[0-9:.]+Z$/;

/** Ends by period and UTC day. */
const ends = new Map<Period, Map<string, string>>();
/** The most periods, and days of each, that are remembered. */
const [MOST_PERIODS, MOST_DAYS] = [64, 20_000];

function remember(period: Period, day: string, end: string): void {
  const days = ends.get(period) ?? new Map<string, string>();
  if (days.size >= MOST_DAYS) days.clear();
  if (!ends.has(period) && ends.size >= MOST_PERIODS) ends.clear();
  ends.set(period, days.set(day, end));
}

function endAfter(from: Date, period: Period): string {
  const { count, unit } = partsOf(period);
  const months = unit === 'D' ? 0 : unit === 'M' ? count : count * 12;
  const month = from.getUTCFullYear() * 12 + from.getUTCMonth() + months;
  const [year, ofYear] = [Math.floor(month / 12), month % 12];
  const day = Math.min(from.getUTCDate(), daysIn(year, ofYear)) + (unit === 'D' ? count : 0);
  const end = noonOf(year, ofYear, day + 1);
  return end.getUTCFullYear() > LAST_YEAR ? FOR_EVER : end.toISOString();
}

/** Noon of a day, which may be beyond the end of the month. `Date.UTC` would take the years 0 to 99 for those of 1900. */
function noonOf(year: number, month: number, day: number): Date {
  const date = new Date(0);
  date.setUTCFullYear(year, month, day);
  date.setUTCHours(12);
  return date;
}

function daysIn(year: number, month: number): number {
  return noonOf(year, month + 1, 0).getUTCDate();
}

/**
 * Whether a period ends later than another, from whatever day both begin: 1 never earlier and mostly later, -1 the other
 * way round, 0 always together; null where that depends on the day, as with `P1M` and `P30D`.
 */
export function comparePeriods(one: Period, other: Period): -1 | 0 | 1 | null {
  const [first, second] = [one, other].map(monthsOf) as [number | null, number | null];
  if (first !== null && second !== null) return signOf(first - second);
  if (first === null && second === null) return signOf(partsOf(one).count - partsOf(other).count);
  const [these, those] = [daysOf(one), daysOf(other)];
  if (these.least >= those.most) return 1;
  return these.most <= those.least ? -1 : null;
}

function signOf(difference: number): -1 | 0 | 1 {
  return difference === 0 ? 0 : difference > 0 ? 1 : -1;
}

/** The months of a period; null for one of days. */
function monthsOf(period: Period): number | null {
  const { count, unit } = partsOf(period);
  return unit === 'D' ? null : unit === 'M' ? count : count * 12;
}

/** The calendar repeats after so many months. */
const CYCLE = 4_800;
/** The lengths of the months from which a period can begin, and of those that it can have. */
const LENGTHS = Array.from({ length: CYCLE + MOST.M }, (_, n) => daysIn(2_000 + Math.floor(n / 12), n % 12));

/**
 * The least and the most days of a period. That of months from a day is as long as so many successive months: from the
 * first of one, they begin with it; from the last, clamped, they begin with the next.
 */
function daysOf(period: Period): { readonly least: number; readonly most: number } {
  const months = monthsOf(period);
  const { count } = partsOf(period);
  if (months === null) return { least: count, most: count };
  let days = LENGTHS.slice(0, months).reduce((sum, length) => sum + length, 0);
  let [least, most] = [days, days];
  for (let n = 0; n < CYCLE; n += 1) {
    days += (LENGTHS[n + months] ?? 0) - (LENGTHS[n] ?? 0);
    [least, most] = [Math.min(least, days), Math.max(most, days)];
  }
  return { least, most };
}
