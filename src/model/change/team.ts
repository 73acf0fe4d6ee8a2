// A change of a team: what it is called, its members, leads and queues, before and after.

/** A member, and whether they lead. */
export type TeamPerson = { readonly id: string; readonly lead: boolean };

/** A team as people see it: members by id, queues by name; null is for calls without a queue, and comes first. */
export type TeamState = {
  readonly name: string;
  readonly members: readonly TeamPerson[];
  readonly queues: readonly (string | null)[];
};

/** A change of a team; `was` is null for a new one, whose id the proposal fixes. */
export type TeamBody = {
  readonly v: 1;
  readonly kind: 'team';
  readonly team: string;
  readonly was: TeamState | null;
  readonly to: TeamState;
};
