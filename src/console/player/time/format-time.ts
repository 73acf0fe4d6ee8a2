// Formats and parser for times of a recording: 03:27.6, 0:25, and typed input.
import { formatClock } from '../../i18n/format-clock.ts';

/** With tenths: `03:27.6`. */
export function formatTenths(ms: number): string {
  return `${formatClock(ms)}.${Math.floor(Math.max(0, ms) / 100) % 10}`;
}

/** Position next to the call's length, which has whole seconds; never larger than the length. */
export function formatPosition(ms: number, duration: number): string {
  const whole = Math.floor(duration / 1000) * 1000;
  return formatTenths(whole > 0 ? Math.min(ms, whole) : ms);
}

/** Short duration: `0:25`, `1:40`. */
export function formatLength(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  return formatClock(seconds * 1000).replace(/^0/, '');
}

/** Hours, minutes and seconds, for spoken values. */
export function clockParts(ms: number): {
  readonly hours: number;
  readonly minutes: number;
  readonly seconds: number;
} {
  const all = Math.max(0, Math.floor(ms / 1000));
  return { hours: Math.floor(all / 3600), minutes: Math.floor(all / 60) % 60, seconds: all % 60 };
}

/** Milliseconds of a typed time: `83`, `1:23`, `1:02:03.5`, `1m23s`, `1分23秒`; null for other text. */
export function parseTime(typed: string): number | null {
  const text = typed.normalize('NFKC').trim().toLowerCase();
  const named = /^(?:(\d+)(?:h|时|小时))?\s*(?:(\d+)(?:m|分|分钟))?\s*(?:(\d+(?:\.\d+)?)(?:s|秒))?$/.exec(text);
  const plain = /^(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d+)?)$/.exec(text);
  const found = plain ?? (text === '' ? null : named);
  if (found === null) return null;
  const [hours, minutes, seconds] = [Number(found[1] ?? 0), Number(found[2] ?? 0), Number(found[3] ?? 0)];
  if (plain !== null && found[2] !== undefined && seconds >= 60) return null;
  if (plain !== null && found[1] !== undefined && minutes >= 60) return null;
  return Math.round((hours * 3600 + minutes * 60 + seconds) * 1000);
}

const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];

/** Marks of a ruler, about `most` at the most, from zero to the end; the last two never overlap. */
export function rulerMarks(duration: number, most: number): number[] {
  const step = (STEPS.find((seconds) => duration / (seconds * 1000) <= most) ?? 7200) * 1000;
  const marks = [];
  for (let at = 0; at < duration - step * 0.6; at += step) marks.push(at);
  return [...marks, duration];
}
