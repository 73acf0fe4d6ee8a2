// Lifting what keeps recordings: a legal hold, whole or of some recordings; or restrictions.

/** Ends a hold; with `recordings`, ascending, only these leave it. */
export type HoldLift = {
  readonly v: 1;
  readonly kind: 'lift';
  readonly hold: string;
  readonly recordings?: readonly string[];
};

/** Ends the restrictions of these recordings, ascending. */
export type RestrictionLift = { readonly v: 1; readonly kind: 'lift'; readonly restrictions: readonly string[] };

/** What a change of the kind `lift` does, by the members that it has. */
export type LiftBody = HoldLift | RestrictionLift;

/** Maximum number of recordings of which one change lifts the restrictions: they are one transaction. */
export const MAX_UNRESTRICTED = 50;

/** What is wanted: a hold to end, or recordings to take out of it; or recordings whose restrictions end. */
export type WantedLift = WantedHoldLift | Omit<RestrictionLift, 'v'>;

export type WantedHoldLift = {
  readonly kind: 'lift';
  readonly hold: string;
  readonly recordings: readonly string[] | null;
};
