// Rows of the clock: when processes showed that their clocks are trusted, and how far each log is.

/** A log with events: its newest event's time, null where that cannot be read, and what its head says of it (`mark`). */
export type LogFloor = {
  readonly log: string;
  readonly size: number;
  readonly isHeld: boolean;
  readonly mark: string;
  readonly floor: string | null;
};

export type ClockRows = {
  /** The newest beat of any node: a time, RFC 3339. Null before the first. */
  readonly newestBeat: () => Promise<string | null>;
  /** The time of the newest event of any log, as the heads say; null without one. */
  readonly newestEvent: () => Promise<string | null>;
  /** All logs that have events, in order of their names. */
  readonly floors: () => Promise<LogFloor[]>;
};

export type ClockNotes = {
  /** Stores when a node's clock was trusted. */
  readonly beat: (node: string, at: string) => Promise<void>;
};

export type ClockWrites = ClockRows &
  ClockNotes & {
    /** Deletes beats later than this time, and returns how many. */
    readonly deleteBeatsAfter: (after: string) => Promise<number>;
    /** Sets what the work of a tenant or the deployment waits for, and lies later than `to`, to it (`SET_BACK`). */
    readonly setWorkBack: (log: string, to: string) => Promise<void>;
  };
