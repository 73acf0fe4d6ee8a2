// Rows of the log, and of the windows in which repeated events are counted instead of written.
import type { StoredEvent } from '../../model/audit-event.ts';

/** The personal detail of an event as it is kept. */
export type StoredDetail = {
  readonly seq: number;
  readonly salt: Uint8Array | null;
  readonly sealed: Uint8Array | null;
};

export type LogRows = {
  /** Events of a log from index `from` on, at most `limit`, in order. */
  readonly events: (log: string, from: number, limit: number) => Promise<StoredEvent[]>;
  /** Events of a log below index `before`, null for all, newest first, at most `limit`. */
  readonly eventsBelow: (log: string, before: number | null, limit: number) => Promise<StoredEvent[]>;
  /** Events of a log that tell of this recording, below index `before`, null for all, newest first, at most `limit`. */
  readonly eventsOf: (log: string, recording: string, before: number | null, limit: number) => Promise<StoredEvent[]>;
  /** What is sealed beside these events of a log, some hundreds at a time; null where it went with its recording. */
  readonly details: (log: string, indices: readonly number[]) => Promise<StoredDetail[]>;
};

export type LogWrites = LogRows & {
  /** Takes salt and sealed detail from the events of a log that tell of this recording: their leaves stay. */
  readonly forgetDetails: (log: string, recording: string) => Promise<void>;
};

/** What is counted: the same thing, by the same subject, on the same target, in one window of time. */
export type Window = {
  readonly tenant: string;
  readonly action: string;
  readonly subject: string;
  readonly target: string;
  /** Start of the window, RFC 3339 UTC. */
  readonly start: string;
};

export type WindowNotes = {
  /** Counts one more in this window if it was opened before; false where it has yet to be opened by an event. */
  readonly increment: (window: Window) => Promise<boolean>;
};

export type WindowWrites = {
  /** Opens this window with a count of one and returns what the last one counted to, 0 where there was none. */
  readonly open: (window: Window) => Promise<number>;
  /** Holds this window's row until the transaction ends, and returns what it counted; 0 where it has yet to be opened. */
  readonly lockedCount: (window: Window) => Promise<number>;
  /** Opens this window, or goes on with it, at this count. */
  readonly set: (window: Window, count: number) => Promise<void>;
};
