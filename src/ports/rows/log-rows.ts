// Rows of the log, and of the windows that count repeated events instead of writing each one.
import type { StoredEvent } from '../../model/audit-event.ts';
import type { LogState } from '../../model/held-log.ts';

/** The stored personal detail of an event. */
export type StoredDetail = {
  readonly seq: number;
  readonly salt: Uint8Array | null;
  readonly sealed: Uint8Array | null;
};

/** An event with its sealed detail. */
export type DetailedEvent = StoredDetail & Pick<StoredEvent, 'leaf'>;

/** An id, and the index of an event that it finds. */
export type EventSubject = { readonly id: string; readonly seq: number };

export type LogRows = {
  /** The number of events that a log has had: the next one's index. */
  readonly size: (log: string) => Promise<number>;
  /** Its state; null where it has no events and is not held. */
  readonly state: (log: string) => Promise<LogState | null>;
  /** Events of a log from index `from`, at most `limit`, in order. */
  readonly events: (log: string, from: number, limit: number) => Promise<StoredEvent[]>;
  /** Events of a log below index `before` (null: all), newest first, at most `limit`. */
  readonly eventsBelow: (log: string, before: number | null, limit: number) => Promise<StoredEvent[]>;
  /** Events of a log about this recording, below index `before` (null: all), newest first, at most `limit`. */
  readonly eventsOf: (log: string, recording: string, before: number | null, limit: number) => Promise<StoredEvent[]>;
  /** The event at this index, and those after it that a row with this id is found by (`subjectsOf`), in order. */
  readonly eventsAbout: (log: string, index: number, id: string) => Promise<StoredEvent[]>;
  /** The ids with this prefix that find any event of the log (`subjectsOf`), ascending. */
  readonly subjectIds: (log: string, prefix: string) => Promise<string[]>;
  /** Which of these ids find which events with an index from `from` to `to`, both included; some hundreds at a time. */
  readonly subjects: (log: string, from: number, to: number, ids: readonly string[]) => Promise<EventSubject[]>;
  /** The sealed details of these events, some hundreds at a time; null where an erasure deleted it. */
  readonly details: (log: string, indices: readonly number[]) => Promise<StoredDetail[]>;
  /** Those of these events, by id, that are about this recording and have a detail, in order. */
  readonly detailsOf: (log: string, recording: string, events: readonly string[]) => Promise<DetailedEvent[]>;
};

export type LogWrites = LogRows & {
  /** Deletes salt and sealed detail of a log's events about this recording; their leaves stay. */
  readonly forgetDetails: (log: string, recording: string) => Promise<void>;
  /**
   * Ends the hold of a log that has this size. Its next event, which this transaction must append, is `log.restored`.
   * False where it is not held, or has another size.
   */
  readonly lift: (log: string, size: number) => Promise<boolean>;
};

/** The identity of a window: one kind of event, subject, target and period. */
export type Window = {
  readonly tenant: string;
  readonly action: string;
  readonly subject: string;
  readonly target: string;
  /** Start of the window, RFC 3339 UTC. */
  readonly start: string;
};

/** A window of counted events: when it ends, RFC 3339 UTC, and what its first event was, for the event that closes it. */
export type CountedWindow = Window & { readonly ends: string; readonly first: string };

/** A window of counted events with its count. */
export type EndedWindow = CountedWindow & { readonly count: number };

export type WindowRows = {
  /** Windows of counted events that ended before `now` and after `after`, those that ended first, at most `limit`. */
  readonly ended: (now: string, after: string, limit: number) => Promise<EndedWindow[]>;
};

export type WindowNotes = {
  /** Adds one to an open window; false where an event must open it first. */
  readonly increment: (window: Window) => Promise<boolean>;
  /** Deletes a window in which nothing was repeated; false where it is another one now, or something was. */
  readonly forget: (window: Window) => Promise<boolean>;
};

export type WindowWrites = WindowRows & {
  /** Opens this window with a count of one. Returns the window that it replaces, where that one was never closed. */
  readonly open: (window: CountedWindow) => Promise<EndedWindow | null>;
  /** Deletes this window and returns it with its count; null where it is another one now. */
  readonly close: (window: Window) => Promise<EndedWindow | null>;
  /** Locks this window's row until the transaction ends, and returns its count; 0 where it is not open. */
  readonly lockedCount: (window: Window) => Promise<number>;
  /** Opens this window, or sets an open one, at this count. */
  readonly set: (window: Window, count: number) => Promise<void>;
};
