// What a call list says of a call, compared with what is known of it. Lists describe the calls that must be recorded.
import type { Json } from '../bytes/canonical-json.ts';
import { normalText } from '../bytes/normal-text.ts';
import type { JsonObject } from './amendments/amendment.ts';
import type { Differing } from './recording.ts';

/** The facts of a list that are compared; absent where it has no such column, or an empty cell. */
export type ListedFacts = Partial<Record<(typeof COMPARED)[number], string>>;

/** Facts of a list that are compared. */
export const COMPARED = ['agent', 'queue', 'direction', 'started_at'] as const;

/** Days of a question for counts. */
export const MOST_DAYS = 92;

/** The facts of a call that a list is compared with. */
export function comparedFacts(facts: JsonObject): ListedFacts {
  const found: { [name in (typeof COMPARED)[number]]?: string } = {};
  for (const name of COMPARED) {
    const value = facts[name];
    if (typeof value === 'string') found[name] = value;
  }
  return found;
}

/** Whether two lists say the same of what is compared. */
export function isSameListing(one: ListedFacts, other: ListedFacts): boolean {
  return COMPARED.every((name) => one[name] === other[name]);
}

/** How long after the end of a call its audio may arrive before the call is missing. */
export const GRACE_MS = 3_600_000;

/** How much two starts of the same call may differ: clocks show whole seconds, and recorders begin a moment later. */
const START_SLACK_MS = 2_000;

/** A recording is short by more than this time or share of what the list says, whichever is longer. */
export const SHORT_MS = 2_000;
export const SHORT_PERCENT = 2;

/** What differs between a list and facts. What one of them does not say does not differ. */
export function differsFrom(listed: ListedFacts, facts: JsonObject): Differing[] {
  const differing: Differing[] = [];
  for (const name of ['agent', 'queue', 'direction'] as const) {
    const known = facts[name];
    const said = listed[name];
    if (typeof known === 'string' && said !== undefined && normalText(known) !== normalText(said)) differing.push(name);
  }
  if (startDiffers(listed, facts)) differing.push('start');
  return differing;
}

/** Whether a start is another one than the list's. */
export function startDiffers(listed: ListedFacts, facts: JsonObject): boolean {
  const gap = startGapOf(listed, facts);
  return gap !== null && Math.abs(gap) > START_SLACK_MS;
}

/** How many milliseconds later the list says that a call began; null where one of them does not say when. */
export function startGapOf({ started_at: said }: ListedFacts, { started_at: start }: JsonObject): number | null {
  return typeof start === 'string' && said !== undefined ? Date.parse(said) - Date.parse(start) : null;
}

const QUARTER_MS = 900_000;
/** Fewer calls may differ by the same time by chance. */
const LEAST_GAPS = 3;

/** Finds the one offset by which all starts of a list differ from the recordings: its times are of another zone. */
export function sharedOffset(): { readonly add: (gapMs: number) => void; readonly offset: () => string | null } {
  const quarters = new Set<number>();
  let gaps = 0;
  return {
    add: (gap) => {
      const quarter = Math.round(gap / QUARTER_MS);
      gaps++;
      // Two are as good as more: none is shared.
      if (quarters.size < 2) quarters.add(Math.abs(gap - quarter * QUARTER_MS) > START_SLACK_MS ? 0 : quarter);
    },
    offset: () => {
      const [quarter = 0, ...others] = quarters;
      if (quarter === 0 || others.length > 0 || gaps < LEAST_GAPS) return null;
      const minutes = Math.abs(quarter) * 15;
      const [hours, rest] = [Math.floor(minutes / 60), minutes % 60].map((n) => String(n).padStart(2, '0'));
      return `${quarter < 0 ? '-' : '+'}${hours}:${rest}`;
    },
  };
}

/**
 * What differs once facts have changed. Facts keep the first start that they were given. Where that is the list's, and the
 * audio came with another one, the difference stays until a list says another start.
 */
export function differsStill(listed: ListedFacts, facts: JsonObject, before: readonly Differing[]): Differing[] {
  const differing = differsFrom(listed, facts);
  return before.includes('start') && !differing.includes('start') ? [...differing, 'start'] : differing;
}

/** Until when the audio of a listed call may arrive; `startedAt` and the result in UTC. */
export function audioDueOf(startedAt: string, expectedMs: number | null): string {
  return new Date(Date.parse(startedAt) + (expectedMs ?? 0) + GRACE_MS).toISOString();
}

/** Whole seconds from the end of a call to when its audio was stored; 0 where clocks say that it came before. */
export function delaySeconds(startedAt: string, durationMs: number | null, storedAt: string): number {
  const ms = Date.parse(storedAt) - Date.parse(startedAt) - (durationMs ?? 0);
  // The column holds 32 bits.
  return Math.min(2 ** 31 - 1, Math.max(0, Math.floor(ms / 1000)));
}

/**
 * The facts of a list that a call lacks. A list fills in what nothing else says. Before the audio, a later list also
 * replaces what an earlier one said (`before`): no platform has confirmed it yet.
 */
export function fillingPatch(said: JsonObject, facts: JsonObject, before: ListedFacts, hasAudio: boolean): JsonObject {
  const patch: Record<string, Json> = {};
  for (const [name, value] of Object.entries(said)) {
    const known = facts[name];
    if (isNamed(name, value)) {
      const names = isNamed(name, known) ? known : {};
      const lacking = Object.entries(value).filter(([member]) => names[member] === undefined);
      if (lacking.length > 0) patch[name] = Object.fromEntries(lacking);
    } else if (known === undefined) patch[name] = value;
    else if (!hasAudio && known !== value && known === (before as JsonObject)[name] && name !== 'started_at')
      patch[name] = value;
  }
  return patch;
}

function isNamed(name: string, value: Json | undefined): value is JsonObject {
  return (name === 'numbers' || name === 'fields') && typeof value === 'object' && value !== null;
}

/**
 * The smallest value that at least `percent` of all values do not exceed; null without values. `counted`: values in
 * ascending order, and how often each occurs.
 */
export function percentileOf(counted: readonly (readonly [number, number])[], percent: number): number | null {
  const all = counted.reduce((sum, [, count]) => sum + count, 0);
  let reached = 0;
  for (const [value, count] of counted) {
    reached += count;
    if (reached * 100 >= all * percent) return value;
  }
  return null;
}
