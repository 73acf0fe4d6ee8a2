// Times that a platform wrote as a wall clock shows them, without an offset.
import { localTimeOf } from '../model/local-time.ts';

const DAY_MINUTES = 1_440;
const MINUTE_MS = 60_000;
/** A date and a time with any separators, or none: `20260302-091500`, `2026-03-02 09.15`. */
const STAMP = /^(\d{4})\D?(\d{1,2})\D?(\d{1,2})\D{0,2}(\d{2})\D?(\d{2})(?:\D?(\d{2})(?:\.\d+)?)?$/;

/**
 * The RFC 3339 time of a wall clock in a zone; undefined for another text. Where the clock was set back, the hour that
 * came twice is taken once; a time that it skipped is moved past the gap.
 */
export function wallClockTime(text: string, timeZone: string): string | undefined {
  const found = STAMP.exec(text.trim());
  if (found === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found
    .slice(1)
    .map((part) => Number(part ?? 0));
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 59) return undefined;
  const utc = Date.UTC(year, month - 1, day, hour, minute);
  if (new Date(utc).getUTCDate() !== day) return undefined;
  let moment = utc;
  // The second step finds the offset at the moment instead of near it.
  for (let step = 0; step < 2; step += 1) {
    const shown = localTimeOf(timeZone, moment);
    moment += utc - (shown.date * DAY_MINUTES + shown.minute) * MINUTE_MS;
  }
  return new Date(moment + second * 1_000).toISOString();
}
