// What new retention rules would do to the recordings that are there.

/** How many months a preview lists. */
export const PREVIEW_MONTHS = 12;

/** Recordings that become due in a month (`yyyy-mm`), under the rules before and after. */
export type DueInMonth = { readonly month: string; readonly was: number; readonly now: number };

/** How many recordings a rule decides: of a keeping rule those that it keeps longest, of an erasing one those that match it first. */
export type RuleCount = { readonly rule: string; readonly was: number | null; readonly now: number | null };

/** What new rules would do, counted at `at`, without a recording's grace of earlier rules. */
export type RetentionPreview = {
  readonly at: string;
  readonly recordings: number;
  /** Due sooner than by the rules before; of these `at_grace` go at the end of the grace after the approval. */
  readonly earlier: number;
  readonly at_grace: number;
  readonly later: number;
  readonly unchanged: number;
  /** The first UTC day on which recordings become due, and the busiest with how many; null where none does. */
  readonly first_day: string | null;
  readonly busiest_day: string | null;
  readonly busiest: number;
  readonly months: readonly DueInMonth[];
  readonly rules: readonly RuleCount[];
  /** What holds and restrictions keep, whatever the rules say. */
  readonly held: number;
  readonly restricted: number;
};
