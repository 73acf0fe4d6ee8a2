// Teams: who works together, on which queues, and who leads.

/** Maximum number of queues of a team. */
export const MAX_QUEUES = 32;
/** Maximum number of members of a team. */
export const MAX_MEMBERS = 200;

/** A team's row. One that has ENDED gives nothing. */
export type Team = {
  readonly tenant: string;
  readonly id: string;
  readonly state: 'ACTIVE' | 'ENDED';
  readonly version: number;
  readonly created: string;
  /** The name, sealed. */
  readonly name: Uint8Array;
  /** The row's MAC (envelope/authority.ts); null where the row needs none. */
  readonly mac: Uint8Array | null;
};

/** A member's row: it is deleted when the person leaves the team. */
export type TeamMember = {
  readonly tenant: string;
  readonly team: string;
  readonly person: string;
  readonly lead: boolean;
  readonly mac: Uint8Array | null;
};

/** A queue's row: it is deleted when the team leaves the queue. */
export type TeamQueue = {
  readonly tenant: string;
  readonly team: string;
  /** The blind index of the queue's name, empty for calls without a queue: as `queue` of a recording. */
  readonly queue: Uint8Array;
  /** The queue's name, sealed. */
  readonly name: Uint8Array;
  readonly mac: Uint8Array | null;
};

/** The rows of teams that a person is a member of. */
export type TeamsWithParts = {
  readonly teams: readonly Team[];
  readonly members: readonly TeamMember[];
  readonly queues: readonly TeamQueue[];
};
