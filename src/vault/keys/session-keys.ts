// Data keys of live listening sessions: one unwrap for each deposit a session touches, zeroed when it ends.
import type { SecretKey } from '../../envelope/secret-key.ts';

/** A session and the tenant it belongs to. */
export type SessionName = { readonly tenant: string; readonly id: string };

/** A data key as long as its session lives here: `ended` fires when it does, and the key is overwritten then. */
export type LiveKey = { readonly key: SecretKey; readonly ended: AbortSignal };

export type SessionKeys = {
  /** The session's key of a deposit, unwrapped by `unwrap` at the first touch. */
  readonly get: (session: SessionName, deposit: string, unwrap: () => Promise<SecretKey>) => Promise<LiveKey>;
  /** Overwrites the keys of a session that is over, and stops what still reads with them. */
  readonly end: (session: string) => void;
  /** Sessions that hold keys here. */
  readonly sessions: () => readonly SessionName[];
  readonly close: () => void;
};

type Held = {
  readonly name: SessionName;
  readonly keys: Map<string, Promise<SecretKey>>;
  readonly over: AbortController;
};

/** The session keys of this process. */
export function sessionKeys(): SessionKeys {
  const held = new Map<string, Held>();
  const end = (id: string): void => {
    const session = held.get(id);
    held.delete(id);
    session?.over.abort();
    // A key still on its way is zeroed as soon as it is there; one that never came needs nothing.
    for (const key of session?.keys.values() ?? []) {
      key.then(
        (arrived) => arrived.zero(),
        () => undefined,
      );
    }
  };
  return {
    get: async (name, deposit, unwrap) => {
      const session = held.get(name.id) ?? { name, keys: new Map(), over: new AbortController() };
      held.set(name.id, session);
      let key = session.keys.get(deposit);
      if (key === undefined) {
        key = unwrap();
        session.keys.set(deposit, key);
        key.catch(() => session.keys.delete(deposit));
      }
      return { key: await key, ended: session.over.signal };
    },
    end,
    sessions: () => [...held.values()].map(({ name }) => name),
    close: () => {
      for (const session of [...held.keys()]) end(session);
    },
  };
}
