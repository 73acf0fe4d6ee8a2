// Data keys of live listening sessions: one unwrap for each deposit a session touches, zeroed when it ends.
import type { SecretKey } from '../../envelope/secret-key.ts';

export type SessionKeys = {
  /** The session's key of a deposit, unwrapped by `unwrap` at the first touch. */
  readonly get: (session: string, deposit: string, unwrap: () => Promise<SecretKey>) => Promise<SecretKey>;
  /** Overwrites the keys of a session that is over. */
  readonly end: (session: string) => void;
  /** Sessions that hold keys here. */
  readonly sessions: () => string[];
  readonly close: () => void;
};

/** The session keys of this process. */
export function sessionKeys(): SessionKeys {
  const held = new Map<string, Map<string, Promise<SecretKey>>>();
  const end = (session: string): void => {
    const keys = held.get(session);
    held.delete(session);
    // A key still on its way is zeroed as soon as it is there; one that never came needs nothing.
    for (const key of keys?.values() ?? []) {
      key.then(
        (arrived) => arrived.zero(),
        () => undefined,
      );
    }
  };
  return {
    get: (session, deposit, unwrap) => {
      const keys = held.get(session) ?? new Map<string, Promise<SecretKey>>();
      held.set(session, keys);
      const found = keys.get(deposit);
      if (found !== undefined) return found;
      const key = unwrap();
      keys.set(deposit, key);
      key.catch(() => keys.delete(deposit));
      return key;
    },
    end,
    sessions: () => [...held.keys()],
    close: () => {
      for (const session of [...held.keys()]) end(session);
    },
  };
}
