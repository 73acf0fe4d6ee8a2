// Data keys of live listening sessions: one unwrap for each deposit a session touches, zeroed when it ends.
import type { SecretKey } from '../../envelope/secret-key.ts';

/** A session and the tenant it belongs to. */
export type SessionName = { readonly tenant: string; readonly id: string };

export type SessionKeys = {
  /** The session's key of a deposit, unwrapped by `unwrap` at the first touch. */
  readonly get: (session: SessionName, deposit: string, unwrap: () => Promise<SecretKey>) => Promise<SecretKey>;
  /** Overwrites the keys of a session that is over. */
  readonly end: (session: string) => void;
  /** Sessions that hold keys here. */
  readonly sessions: () => readonly SessionName[];
  readonly close: () => void;
};

type Held = { readonly name: SessionName; readonly keys: Map<string, Promise<SecretKey>> };

/** The session keys of this process. */
export function sessionKeys(): SessionKeys {
  const held = new Map<string, Held>();
  const end = (session: string): void => {
    const keys = held.get(session)?.keys.values() ?? [];
    held.delete(session);
    // A key still on its way is zeroed as soon as it is there; one that never came needs nothing.
    for (const key of keys) {
      key.then(
        (arrived) => arrived.zero(),
        () => undefined,
      );
    }
  };
  return {
    get: (name, deposit, unwrap) => {
      const session = held.get(name.id) ?? { name, keys: new Map<string, Promise<SecretKey>>() };
      held.set(name.id, session);
      const found = session.keys.get(deposit);
      if (found !== undefined) return found;
      const key = unwrap();
      session.keys.set(deposit, key);
      key.catch(() => session.keys.delete(deposit));
      return key;
    },
    end,
    sessions: () => [...held.values()].map(({ name }) => name),
    close: () => {
      for (const session of [...held.keys()]) end(session);
    },
  };
}
