// When the answer to a request is due: a month after it came, in China 15 days; extended once by two months.
import { type Period, periodEnd } from '../retention/period.ts';

/** GDPR Art. 12(3). */
const USUAL: Period = 'P1M';
/** China: 15 days, the working days of the rules for apps (GB/T 35273-2020 8.7 says 30). */
const IN_CHINA: Period = 'P15D';
/** GDPR Art. 12(3): two further months. */
const EXTENSION: Period = 'P2M';
const DAY_MS = 86_400_000;

/** When the answer is due of a request that came at `received`: at 12:00 UTC of the last day. */
export function dueAt(received: string, country: string): string {
  return lastDay(received, country === 'CN' ? IN_CHINA : USUAL);
}

/** The same after an extension of a request that was due at `due`. */
export function extendedDue(due: string): string {
  return lastDay(due, EXTENSION);
}

function lastDay(from: string, period: Period): string {
  return new Date(Date.parse(periodEnd(from, period)) - DAY_MS).toISOString();
}
