// Rows of sealing: published checkpoints and tiles of each log.
import type { Difference } from '../../model/held-log.ts';

/** A log with its size, its newest seal, and how it differs if it is held; null where there is none. */
export type LogHead = {
  readonly log: string;
  readonly size: number;
  readonly sealed: number | null;
  readonly held: Difference | null;
};

/** A published checkpoint: a signed note. */
export type Seal = { readonly size: number; readonly note: string };

/** A tile above the leaves: level 1 at least, and its hashes so far. */
export type Tile = { readonly level: number; readonly tile: number; readonly hashes: Uint8Array };

export type SealRows = {
  /** All logs that have events, or are held. */
  readonly heads: () => Promise<LogHead[]>;
  /** The logs that are held. */
  readonly held: () => Promise<{ readonly log: string; readonly held: Difference }[]>;
  /** The logs, not held, that are too far ahead of this clock to be followed, and by how many milliseconds. */
  readonly ahead: (clock: number) => Promise<{ readonly log: string; readonly aheadMs: number }[]>;
  readonly newest: (log: string) => Promise<Seal | null>;
  /** Seals of a log from this size on, at most `limit`, in order. */
  readonly seals: (log: string, from: number, limit: number) => Promise<Seal[]>;
  /** The hashes of a tile; null where there is none. */
  readonly tile: (log: string, level: number, tile: number) => Promise<Uint8Array | null>;
  /** The last tile of a level; null where it has none. */
  readonly lastTile: (log: string, level: number) => Promise<Tile | null>;
};

export type SealNotes = {
  /** Sets when a log was last read again to `at`, unless that was after `since`: false then. */
  readonly reread: (log: string, at: string, since: string) => Promise<boolean>;
  /** Stores a seal, and tiles where they are longer than the stored ones. One of this size that is stored stays. */
  readonly seal: (log: string, seal: Seal, tiles: readonly Tile[]) => Promise<void>;
};
