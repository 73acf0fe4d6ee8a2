// Times and numbers in the tenant's zone and the person's language.
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { meQuery } from '../api/queries.ts';
import { serverNow } from '../api/server-clock.ts';
import { dayAfter } from './days.ts';

type Unit = 'day' | 'hour' | 'minute';

const SPAN: readonly [Unit, number][] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

export type Format = ReturnType<typeof makeFormat>;

/** Cached: creating a format costs far more than using it, and every row of a long list uses one. */
const formats = new Map<string, Format>();

/** Formats of one language and zone. */
export function formatIn(language: string, timeZone: string): Format {
  const key = `${language} ${timeZone}`;
  const format = formats.get(key) ?? makeFormat(language, timeZone);
  formats.set(key, format);
  return format;
}

function makeFormat(language: string, timeZone: string) {
  // British English: most English-speaking countries write the day first.
  const locale = language === 'en' ? 'en-GB' : language;
  const with24h = { timeZone, hourCycle: 'h23' } as const;
  const of = (options: Intl.DateTimeFormatOptions) => {
    const format = new Intl.DateTimeFormat(locale, { ...with24h, ...options });
    return (iso: string) => format.format(new Date(iso));
  };
  const day = new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' });
  const ago = new Intl.RelativeTimeFormat(language, { numeric: 'auto', style: 'narrow' });
  const time = of({ hour: '2-digit', minute: '2-digit' });
  const dayMonth = of({ day: 'numeric', month: 'short' });
  const weekday = of({ weekday: 'short', hour: '2-digit', minute: '2-digit' });
  const dueDay = of({ weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
  const dayTime = of({ day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
  const yearTime = of({ day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit' });
  const months = new Intl.DateTimeFormat(locale, { timeZone, month: 'long', year: 'numeric' });
  const numbers = new Intl.NumberFormat(language);
  const lists = new Intl.ListFormat(language, { type: 'conjunction' });
  const lengthIn = (unit: Unit) => new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'short' });
  const lengths = { day: lengthIn('day'), hour: lengthIn('hour'), minute: lengthIn('minute') };
  const dayOf = (iso: string) => day.format(new Date(iso));
  const thisYear = () => dayOf(new Date(serverNow()).toISOString()).slice(0, 4);
  return {
    timeZone,
    /** Greenwich Mean Time */
    zone: zoneName(language, timeZone),
    /** 14:06 */
    time,
    /** 14:06:31 */
    seconds: of({ hour: '2-digit', minute: '2-digit', second: '2-digit' }),
    /** 25 Nov */
    dayMonth,
    /** 25 Nov 2026 */
    date: of({ day: 'numeric', month: 'short', year: 'numeric' }),
    /** 25 Nov 2026, 14:06 */
    dateTime: yearTime,
    /** 9 Nov, 10:42, with its year where that is another. */
    call: (iso: string) => (dayOf(iso).slice(0, 4) === thisYear() ? dayTime(iso) : yearTime(iso)),
    /** March – September 2026: the months from one time to another. */
    months: (from: string, to: string) => {
      const [first, last] = [from, to].map((iso) => months.format(new Date(iso)));
      if (first === last || first === undefined) return first ?? '';
      // A Chinese range of months would be written with slashes.
      return language === 'en' ? months.formatRange(new Date(from), new Date(to)) : `${first}至${last}`;
    },
    /** 2026-11-25 in the zone. */
    day: dayOf,
    /** The time, with its day unless that is today. */
    near: (iso: string) => {
      const today = dayOf(iso) === dayOf(new Date(serverNow()).toISOString());
      return today ? time(iso) : `${dayMonth(iso)} ${time(iso)}`;
    },
    /** The time of today, or the day. */
    brief: (iso: string) => (dayOf(iso) === dayOf(new Date(serverNow()).toISOString()) ? time(iso) : dayMonth(iso)),
    /** Fri 27 Nov, 18:00 */
    weekday: dueDay,
    /** The coming time of a week as Fri 18:00; without its weekday today, with its day where it is more than a week ahead. */
    due: (iso: string) => {
      const [day, today] = [dayOf(iso), dayOf(new Date(serverNow()).toISOString())];
      if (day === today) return time(iso);
      return day > today && day < dayAfter(today, 7) ? weekday(iso).replace(',', '') : `${dayMonth(iso)} ${time(iso)}`;
    },
    /** 4 min ago */
    ago: (iso: string) => {
      const seconds = Math.round((Date.parse(iso) - serverNow()) / 1000);
      const [unit, size] = SPAN.find(([, length]) => Math.abs(seconds) >= length) ?? (['second', 1] as const);
      return ago.format(Math.trunc(seconds / size), unit);
    },
    /** 4 min, 3 hrs, 2 days: a duration in its largest unit. */
    span: (milliseconds: number) => {
      const seconds = Math.max(0, Math.round(milliseconds / 1000));
      const [unit, size] = SPAN.find(([, length]) => seconds >= length) ?? (['minute', 60] as const);
      return lengths[unit].format(Math.max(1, Math.floor(seconds / size)));
    },
    number: (value: number) => numbers.format(value),
    list: (parts: readonly string[]) => lists.format(parts),
  };
}

function zoneName(language: string, timeZone: string): string {
  const parts = new Intl.DateTimeFormat(language, { timeZone, timeZoneName: 'long' }).formatToParts(serverNow());
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? timeZone;
}

/** Formats of the current language and the time zone of the person's tenant. */
export function useFormat(): Format {
  const { i18n } = useTranslation();
  // Not reactive: the zone cannot change while a person is signed in.
  const me = useQueryClient().getQueryData(meQuery.queryKey);
  return formatIn(i18n.language, me?.tenant.time_zone ?? 'UTC');
}
