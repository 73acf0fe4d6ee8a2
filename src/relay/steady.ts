// How long files have not changed, as the relay itself has seen it: no clock of another machine and no time of day counts.
import { sameVersion } from './names.ts';
import type { Version } from './ports.ts';

/** Watches the versions of files by path. */
export type Steady = {
  /** Milliseconds since this version was first seen; 0 the first time. */
  readonly since: (path: string, version: Version) => number;
  /** Forgets the paths that were not asked for since the last call. */
  readonly endPass: () => void;
};

/** `monotonic`: milliseconds that never go back. */
export function watchSteady(monotonic: () => number): Steady {
  let seen = new Map<string, { readonly version: Version; readonly at: number }>();
  let pass = new Map<string, { readonly version: Version; readonly at: number }>();
  return {
    since: (path, version) => {
      const before = pass.get(path) ?? seen.get(path);
      const now = monotonic();
      const entry = before !== undefined && sameVersion(before.version, version) ? before : { version, at: now };
      pass.set(path, entry);
      return now - entry.at;
    },
    endPass: () => {
      seen = pass;
      pass = new Map();
    },
  };
}
