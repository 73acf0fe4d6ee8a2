// A cache of unwrapped keys: each is unwrapped on demand, shared by its callers, and overwritten after minutes.
import type { SecretKey } from '../../../envelope/secret-key.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Database } from '../../../ports/database.ts';
import { countKeyUse } from '../events/count-events.ts';
import { systemActor } from '../events/events.ts';
import type { RequestContext, Settings } from '../request-context.ts';

/** What is cached: a key, or an object that carries one. */
type Zeroed = { readonly zero: () => void };

/** A cached key: its tenant, and its name within the tenant. */
export type CachedKeyName = { readonly tenant: string; readonly name: string };

export type KeyCache<K extends Zeroed> = {
  /**
   * The key; calls `unwrap` where the key is not in memory or comes from an older version of its row. Concurrent
   * callers share one unwrap.
   */
  readonly get: (of: CachedKeyName, version: number, unwrap: () => Promise<K>) => Promise<K>;
  /** The key that `get` would return without waiting; null where there is none. */
  readonly held: (of: CachedKeyName) => K | null;
  /** The tenant and name of each cached key. */
  readonly names: () => readonly CachedKeyName[];
  /** Overwrites a tenant's keys, or only the one of this name. */
  readonly drop: (tenant: string, name?: string) => void;
  /** Overwrites expired keys and returns how many. */
  readonly expire: () => number;
  /** Overwrites all of them. */
  readonly close: () => void;
};

/** How long a caller may use a key after `get` stops returning it. */
const GRACE_MS = 60_000;

type CacheEntry<K> = CachedKeyName & {
  readonly key: Promise<K>;
  readonly version: number;
  readonly until: number;
  /** Once it is unwrapped. */
  unwrapped: K | null;
};

/** A cache that returns a key for `handOutMs` and overwrites it a minute later. */
export function keyCache<K extends Zeroed>(clock: Clock, handOutMs: number): KeyCache<K> {
  const held = new Map<string, CacheEntry<K>>();
  /** Keys that `get` no longer returns and that are not overwritten yet. */
  const leaving: { readonly entry: CacheEntry<K>; readonly over: number }[] = [];
  const slot = ({ tenant, name }: CachedKeyName): string => `${tenant} ${name}`;

  const leave = (entry: CacheEntry<K>): void => {
    held.delete(slot(entry));
    leaving.push({ entry, over: clock.now() + GRACE_MS });
  };

  const forget = (entry: CacheEntry<K>): void => {
    if (held.get(slot(entry)) === entry) held.delete(slot(entry));
    entry.key.then(
      (key) => key.zero(),
      () => undefined,
    );
  };

  /** Overwrites the retired keys for which `over` returns true, and returns how many. */
  const sweep = (over: (one: (typeof leaving)[number]) => boolean): number => {
    const gone = leaving.filter(over);
    leaving.splice(0, leaving.length, ...leaving.filter((one) => !gone.includes(one)));
    for (const { entry } of gone) forget(entry);
    return gone.length;
  };

  return {
    get: (of, version, unwrap) => {
      const found = held.get(slot(of));
      // A row read before the one that this key came from is no reason to unwrap again.
      if (found !== undefined && found.version >= version && found.until > clock.now()) return found.key;
      if (found !== undefined) leave(found);
      const until = clock.now() + handOutMs;
      const entry: CacheEntry<K> = { ...of, key: unwrap(), version, until, unwrapped: null };
      held.set(slot(of), entry);
      entry.key.then(
        (key) => {
          entry.unwrapped = key;
        },
        () => forget(entry),
      );
      return entry.key;
    },
    held: (of) => {
      const found = held.get(slot(of));
      return found !== undefined && found.until > clock.now() ? found.unwrapped : null;
    },
    names: () => {
      const all = [...held.values(), ...leaving.map(({ entry }) => entry)];
      return [...new Map(all.map(({ tenant, name }) => [slot({ tenant, name }), { tenant, name }])).values()];
    },
    drop: (tenant, name) => {
      const meant = (entry: CachedKeyName) => entry.tenant === tenant && entry.name === (name ?? entry.name);
      for (const entry of [...held.values()]) if (meant(entry)) forget(entry);
      sweep(({ entry }) => meant(entry));
    },
    expire: () => {
      const now = clock.now();
      for (const entry of [...held.values()]) if (entry.until <= now) leave(entry);
      return sweep(({ over }) => over <= now);
    },
    close: () => {
      for (const entry of [...held.values()]) forget(entry);
      sweep(() => true);
    },
  };
}

/** What counting a key use needs. */
export type KeyUseDeps = { readonly db: Database; readonly clock: Clock; readonly settings: Settings };

/**
 * Unwraps a key for this process and counts that in the log before it returns the key: one event an hour for each
 * tenant, reason and node. Throws the errors of `unwrap`, and those of the log after overwriting the key.
 */
export async function unwrapCounted(
  parts: KeyUseDeps,
  tenant: string,
  why: 'metadata' | 'kek' | 'ingest',
  unwrap: () => Promise<SecretKey>,
  request: RequestContext,
): Promise<SecretKey> {
  const key = await unwrap();
  try {
    await countKeyUse(parts, tenant, systemActor(parts.settings), why, request);
    return key;
  } catch (error) {
    key.zero();
    throw error;
  }
}
