// What the relay needs of the machine and of the vault; tests put a file system in its place that loses unsynced data.
import type { ClientAnswer } from '../client/client.ts';
import type { SealedFileMeta } from '../envelope/sealed-file.ts';

/**
 * A version of a file: another inode, size or time of modification is another version. `inode` and `modified`
 * (nanoseconds since 1970) are in base 36.
 */
export type Version = { readonly inode: string; readonly size: number; readonly modified: string };

/** A regular file that was opened: its version at that moment, and its bytes, from the start with each call. */
export type OpenFile = {
  readonly version: Version;
  readonly bytes: () => AsyncIterable<Uint8Array>;
  readonly close: () => Promise<void>;
};

/** A subfolder, relative to the folder, whose files are not listed: it may not be read, or is too deep. */
export type Unread = (path: string, why: 'denied' | 'deep') => void;

/**
 * Files. Errors carry the system's `code`, such as ENOSPC. No method follows a symbolic link in the last part of a path.
 */
export type Files = {
  /** Paths of the regular files in a folder and its subfolders, relative to it. `unread`: called with each
   * subfolder left out. */
  readonly list: (folder: string, unread?: Unread) => Promise<readonly string[]>;
  /** Null where no regular file has this path. */
  readonly version: (path: string) => Promise<Version | null>;
  /** Null where no regular file has this path. */
  readonly open: (path: string) => Promise<OpenFile | null>;
  /** Writes a new file that only its owner may read, and returns once its bytes are on the disk. */
  readonly create: (path: string, bytes: AsyncIterable<Uint8Array>) => Promise<void>;
  readonly rename: (from: string, to: string) => Promise<void>;
  /** Renames unless the new name is taken. Returns whether it did. */
  readonly renameToFree: (from: string, to: string) => Promise<boolean>;
  /** Deletes a file; without effect where none has this path. */
  readonly remove: (path: string) => Promise<void>;
  /** Returns once names that were added, changed and deleted in this folder are on the disk. */
  readonly syncFolder: (folder: string) => Promise<void>;
  /** Bytes that may still be written to the disk of this folder. */
  readonly freeBytes: (folder: string) => Promise<number>;
};

/** Time. `monotonic` counts milliseconds and never goes back; `now` is the time of day, which may. */
export type RelayClock = {
  readonly monotonic: () => number;
  readonly now: () => number;
  /** Waits; returns early once the signal fires. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
};

/** Seals to the ingest key that the relay accepts now. Throws `not_available` while it has none. */
export type Seal = (id: string, meta: SealedFileMeta, source: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;

/** The vault's answer to an upload; null where none came. */
export type UploadAnswer = ClientAnswer | null;

/** Uploads a sealed file. Null for what the network does; throws where the file cannot be read. */
export type Upload = (id: string, file: OpenFile, signal: AbortSignal) => Promise<UploadAnswer>;

/** One line of the relay's log: the event, and values that name no call, number or file. */
export type Log = (event: string, values?: Readonly<Record<string, string | number>>) => void;
