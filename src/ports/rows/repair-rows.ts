// Rows of a log that is held: setting the hold, and repairing the log from what was published of it.
import type { StoredEvent } from '../../model/audit-event.ts';
import type { Difference } from '../../model/held-log.ts';
import type { Seal } from './seal-rows.ts';

export type HoldNotes = {
  /**
   * Holds a log, also one without events. False where it is held already, or where it was restored since its state had
   * this `restored`.
   */
  readonly hold: (log: string, held: Difference, restored: number) => Promise<boolean>;
};

/** An event that is brought back: as it is stored, with its id and what it is found by (`subjectsOf`). */
export type PublishedEvent = Omit<StoredEvent, 'log'> & { readonly id: string; readonly subjects: readonly string[] };

/** Events that are brought back together, and the time of the last one. */
export type PublishedPage = { readonly events: readonly PublishedEvent[]; readonly mark: string };

/** Events of a log from one index to before another. */
export type EventRange = { readonly from: number; readonly to: number };

/** Repairs of a log that is held. Each returns false, and changes nothing, where it is not, or has another size. */
export type LogRepairs = {
  /** Remembers the first event that a restore brings back; one that was remembered before stays if it is lower. */
  readonly begin: (log: string, from: number) => Promise<boolean>;
  /** Inserts the events that follow the log's first `size`, where they are missing, and the seal at their end. */
  readonly reinsert: (log: string, size: number, page: PublishedPage, seal: Seal | null) => Promise<boolean>;
  /**
   * Deletes these events with their details, all tiles of the log, and seals above `size`, which becomes the log's size.
   * `was`: its size. Throws `config_invalid` where the database user does not own the tables.
   */
  readonly remove: (log: string, was: number, size: number, ranges: readonly EventRange[]) => Promise<boolean>;
};
