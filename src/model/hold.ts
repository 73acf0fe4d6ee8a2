// Legal holds: what a hold's row says, which recordings it covers, and which recordings its rule matches.
import type { HoldScope } from './amendments/amendment.ts';

/** PLACING: its recordings are still being covered, and nothing of the tenant is erased. */
export const HOLD_STATES = ['PLACING', 'ACTIVE', 'LIFTED'] as const;
export type HoldState = (typeof HOLD_STATES)[number];

/** A hold's row. */
export type Hold = {
  readonly tenant: string;
  readonly id: string;
  readonly state: HoldState;
  readonly version: number;
  /** When it was placed. */
  readonly created: string;
  /** Its reference and title, as canonical JSON, sealed; null where its stream does not say them. */
  readonly note: Uint8Array | null;
  /** What it covers by rule, as canonical JSON, sealed; null for a list. */
  readonly scope: Uint8Array | null;
  /** Whether recordings that match later are covered too. */
  readonly continuing: boolean;
  /** When its owner looks whether it is still needed. */
  readonly review: string;
  readonly placedBy: string;
  readonly lifted: string | null;
  /** The person who approved lifting it. */
  readonly liftedBy: string | null;
  /** Whether its stream has a gap or is damaged: until that is repaired, nothing of the tenant is erased. */
  readonly damaged: boolean;
  /** While PLACING by rule: up to which recording, by start and id, it has looked; empty from the first. */
  readonly reached: string;
  /** False while background work is left: recordings to cover, or counts to lower. */
  readonly settled: boolean;
};

/** A recording of a hold. */
export type HeldRecording = {
  readonly tenant: string;
  readonly hold: string;
  readonly recording: string;
  /** Number of the entry that covers it; 0 while none does: then it is held all the same. */
  readonly covered: number;
  /** Whether the hold, or its part in it, was lifted and the recording's count is lower by it. */
  readonly lifted: boolean;
};

/** What people wrote of a hold. */
export type HoldNote = { readonly reference: string; readonly title: string };

/** Maximum number of recordings of one `cover` or `lift` entry, and of a list that a request gives. */
export const MAX_COVERED = 200;
/** Maximum lengths, in UTF-16 code units. */
export const MAX_HOLD_REFERENCE = 128;
export const MAX_HOLD_TITLE = 200;
/** Maximum number of holds of a tenant that are not lifted. */
export const MAX_HOLDS = 1_000;
/** Maximum number of those that cover by rule what comes later: each deposit is compared with them. */
export const MAX_CONTINUING = 100;

/** What of a recording a rule looks at. Values of indexes as base64. */
export type HoldCandidate = {
  readonly startedAt: string;
  readonly direction: string | null;
  readonly language: string | null;
  readonly indexes: readonly { readonly label: string; readonly value: string }[];
};

/** Whether a rule matches a recording: all that it names. `from` is included, `to` is not. */
export function isInHoldScope({ from, to, direction, language, indexes = [] }: HoldScope, of: HoldCandidate): boolean {
  return (
    (from === undefined || of.startedAt >= from) &&
    (to === undefined || of.startedAt < to) &&
    (direction === undefined || of.direction === direction) &&
    (language === undefined || of.language === language) &&
    indexes.every(({ label, value }) => of.indexes.some((one) => one.label === label && one.value === value))
  );
}

/** The names of the facts that a rule looks at, in one order: what people see of it. */
export function scopeNames({ indexes = [], ...scope }: HoldScope): readonly string[] {
  return [...Object.keys(scope), ...new Set(indexes.map(({ label }) => label))].sort();
}
