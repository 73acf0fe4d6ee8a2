// Keys that a process keeps in memory for minutes: unwrapped when needed, shared by who needs them, overwritten in time.
import type { SecretKey } from '../../../envelope/secret-key.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Database } from '../../../ports/database.ts';
import { countKeyUse } from '../events/count-events.ts';
import { systemActor } from '../events/events.ts';
import type { RequestContext, Settings } from '../request-context.ts';

/** What is held: a key, or something that carries one. */
type Zeroed = { readonly zero: () => void };

/** Which key: the tenant's, and which one of it. */
export type CachedKeyName = { readonly tenant: string; readonly name: string };

export type KeyCache<K extends Zeroed> = {
  /**
   * The key, by `unwrap` if it is not in memory, or came from an older version of its row. Those who ask while it is on
   * its way share it.
   */
  readonly get: (of: CachedKeyName, version: number, unwrap: () => Promise<K>) => Promise<K>;
  /** The keys that are held, and who they are of. */
  readonly names: () => readonly CachedKeyName[];
  /** Overwrites a tenant's keys, or the one of this name. */
  readonly drop: (tenant: string, name?: string) => void;
  /** Overwrites those whose time is over, and returns how many. */
  readonly expire: () => number;
  /** Overwrites all of them. */
  readonly close: () => void;
};

/** Whoever was given a key last has this long before it is overwritten. */
const GRACE_MS = 60_000;

type CacheEntry<K> = CachedKeyName & { readonly key: Promise<K>; readonly version: number; readonly until: number };

/** Keys that are handed out for `handOutMs` and overwritten a minute later. */
export function keyCache<K extends Zeroed>(clock: Clock, handOutMs: number): KeyCache<K> {
  const held = new Map<string, CacheEntry<K>>();
  /** What is handed out no more and not overwritten yet. */
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

  /** Forgets what is leaving and for which this holds, and returns how many. */
  const sweep = (over: (one: (typeof leaving)[number]) => boolean): number => {
    const gone = leaving.filter(over);
    leaving.splice(0, leaving.length, ...leaving.filter((one) => !gone.includes(one)));
    for (const { entry } of gone) forget(entry);
    return gone.length;
  };

  return {
    get: (of, version, unwrap) => {
      const found = held.get(slot(of));
      // A row that was read before the one this key came from is no reason to ask again.
      if (found !== undefined && found.version >= version && found.until > clock.now()) return found.key;
      if (found !== undefined) leave(found);
      const entry = { ...of, key: unwrap(), version, until: clock.now() + handOutMs };
      held.set(slot(of), entry);
      entry.key.catch(() => forget(entry));
      return entry.key;
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

/** What counting a use needs. */
export type KeyUseDeps = { readonly db: Database; readonly clock: Clock; readonly settings: Settings };

/**
 * A key that `unwrap` opened for this process, once the log says so: one event an hour for each tenant, reason and node,
 * with their count. Throws what `unwrap` and the log throw; the key is overwritten then.
 */
export async function unwrapCounted(
  parts: KeyUseDeps,
  tenant: string,
  why: 'metadata' | 'kek',
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
