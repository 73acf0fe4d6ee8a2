// The spool: sealed calls that wait for the vault, and those that it rejected.
import { join } from 'node:path';
import { modifiedMs, readRejectedName, readSealedName } from './names.ts';
import type { Files } from './ports.ts';
import type { SealedEntry, SpoolFolders } from './seal-call.ts';

/** Sealed calls by id, oldest first as far as known. A call is ready once its plaintext is deleted or back in place. */
export type Spool = {
  /** Reads both folders again: a person may have moved files. */
  readonly refresh: () => Promise<void>;
  /** Adds a call whose plaintext still exists. */
  readonly add: (entry: SealedEntry) => void;
  readonly setReady: (id: string) => void;
  readonly has: (id: string) => boolean;
  /** Calls that may be uploaded, in the order in which they came. */
  readonly ready: () => Iterable<WaitingEntry>;
  readonly removed: (id: string) => void;
  readonly counts: () => SpoolCounts;
};

/** `at`: when it was sealed, in milliseconds since 1970. */
export type WaitingEntry = SealedEntry & { readonly at: number };

export type SpoolCounts = {
  readonly sealed: number;
  readonly sealedBytes: number;
  readonly rejected: number;
  readonly rejectedBytes: number;
  /** When the oldest was sealed, in milliseconds since 1970; null where none waits. */
  readonly oldest: number | null;
};

/** An empty spool; `refresh` reads it. */
export function openSpool(files: Files, folders: SpoolFolders, now: () => number): Spool {
  const entries = new Map<string, WaitingEntry>();
  const pending = new Set<string>();
  let rejected = new Map<string, number>();
  return {
    refresh: async () => {
      const names = new Set((await files.list(folders.spool)).filter((name) => readSealedName(name) !== null));
      for (const entry of entries.values()) if (!names.has(entry.name)) entries.delete(entry.id);
      for (const name of names) {
        const id = readSealedName(name)?.id ?? '';
        if (entries.has(id)) continue;
        const version = await files.version(join(folders.spool, name));
        if (version !== null) entries.set(id, { name, id, size: version.size, at: modifiedMs(version) });
      }
      // A clock that went back must not hide how long a call waits: its age counts from here.
      for (const entry of entries.values()) if (entry.at > now()) entries.set(entry.id, { ...entry, at: now() });
      const before = rejected;
      rejected = new Map();
      for (const name of await files.list(folders.rejected)) {
        if (readRejectedName(name) === null) continue;
        const size = before.get(name) ?? (await files.version(join(folders.rejected, name)))?.size;
        if (size !== undefined) rejected.set(name, size);
      }
    },
    add: (entry) => {
      pending.add(entry.id);
      entries.set(entry.id, { ...entry, at: now() });
    },
    setReady: (id) => void pending.delete(id),
    has: (id) => entries.has(id),
    ready: function* () {
      for (const entry of entries.values()) if (!pending.has(entry.id)) yield entry;
    },
    removed: (id) => void entries.delete(id),
    counts: () => ({
      sealed: entries.size,
      sealedBytes: [...entries.values()].reduce((sum, { size }) => sum + size, 0),
      rejected: rejected.size,
      rejectedBytes: [...rejected.values()].reduce((sum, size) => sum + size, 0),
      oldest: [...entries.values()].reduce<number | null>((least, { at }) => Math.min(least ?? at, at), null),
    }),
  };
}
