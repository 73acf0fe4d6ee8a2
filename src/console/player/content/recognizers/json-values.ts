// Values of parsed JSON whose shape nothing guarantees: each reader returns an empty value for what is not there.
import type { Span } from '../../time/spans.ts';
import { LONGEST_MS } from '../cues.ts';

/** A member, through any depth; undefined where it does not exist. */
export function memberOf(value: unknown, ...names: readonly string[]): unknown {
  return names.reduce<unknown>((held, name) => {
    if (typeof held !== 'object' || held === null || !Object.hasOwn(held, name)) return undefined;
    return (held as Record<string, unknown>)[name];
  }, value);
}

/** The elements of a list member; none where it is no list. */
export function listOf(value: unknown, ...names: readonly string[]): readonly unknown[] {
  const found = memberOf(value, ...names);
  return Array.isArray(found) ? found : [];
}

/** A text member; the first of them that is one. */
export function textOf(value: unknown, ...names: readonly string[]): string | null {
  for (const name of names) {
    const found = memberOf(value, name);
    if (typeof found === 'string') return found;
  }
  return null;
}

/** A number member, also one that is written as text. */
export function numberOf(value: unknown, ...names: readonly string[]): number | null {
  for (const name of names) {
    const found = memberOf(value, name);
    const number = typeof found === 'string' && found.length < 40 && found.trim() !== '' ? Number(found) : found;
    if (typeof number === 'number' && Number.isFinite(number)) return number;
  }
  return null;
}

/** A channel from 0 to 63; null for any other number. */
export function channelIn(value: unknown, name: string): number | null {
  const found = numberOf(value, name);
  return found !== null && Number.isInteger(found) && found >= 0 && found < 64 ? found : null;
}

/** A span in whole milliseconds from a start and an end of which `perMs` make one; null without a start. */
export function spanOf(start: number | null, end: number | null, perMs: number): Span | null {
  if (start === null) return null;
  const [from, to] = [toMs(start / perMs), toMs((end ?? start) / perMs)];
  return { start: from, end: Math.max(from, to) };
}

function toMs(ms: number): number {
  return Math.min(Math.max(0, Math.round(ms)), LONGEST_MS);
}
