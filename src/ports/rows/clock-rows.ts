// Rows of the clock: when processes showed that their clocks are trusted.

export type ClockRows = {
  /** The newest beat of any node: a time, RFC 3339. Null before the first. */
  readonly newestBeat: () => Promise<string | null>;
  /** The time of the newest event of any log, as the heads say; null without one. */
  readonly newestEvent: () => Promise<string | null>;
};

export type ClockNotes = {
  /** Stores when a node's clock was trusted. */
  readonly beat: (node: string, at: string) => Promise<void>;
};
