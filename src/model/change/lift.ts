// Lifting what keeps recordings: a legal hold, whole or of some recordings.

/** Ends a hold; with `recordings`, ascending, only these leave it. */
export type HoldLift = {
  readonly v: 1;
  readonly kind: 'lift';
  readonly hold: string;
  readonly recordings?: readonly string[];
};

/** What a change of the kind `lift` does, by the members that it has: a union, so that another thing can be lifted. */
export type LiftBody = HoldLift;

/** What is wanted: a hold to end, or recordings to take out of it. */
export type WantedLift = {
  readonly kind: 'lift';
  readonly hold: string;
  readonly recordings: readonly string[] | null;
};
