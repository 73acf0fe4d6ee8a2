// Data keys of live listening sessions: one unwrap per session and deposit, overwritten when the session ends.
import type { SecretKey } from '../../../envelope/secret-key.ts';

/** A session and the tenant it belongs to. */
export type SessionRef = { readonly tenant: string; readonly id: string };

/**
 * A data key for the lifetime of its session and its deposit. `ended` fires when either ends; the key is overwritten
 * then.
 */
export type LiveKey = { readonly key: SecretKey; readonly ended: AbortSignal };

export type SessionKeys = {
  /** The session's key of a deposit; `unwrap` is called on first use. */
  readonly get: (session: SessionRef, deposit: string, unwrap: () => Promise<SecretKey>) => Promise<LiveKey>;
  /** Overwrites the keys of an ended session and stops readers that still use them. */
  readonly end: (session: string) => void;
  /**
   * The same for one deposit of a session: the deposit was re-encrypted and the session continues with its successor.
   */
  readonly drop: (session: string, deposit: string) => void;
  /** Deposits of which this process holds keys for a session. */
  readonly deposits: (session: string) => readonly string[];
  /** Sessions of which this process holds keys. */
  readonly sessions: () => readonly SessionRef[];
  readonly close: () => void;
};

type HeldKey = { readonly key: Promise<SecretKey>; readonly over: AbortController };
type Held = { readonly name: SessionRef; readonly keys: Map<string, HeldKey> };

/**
 * Overwrites a key, or one still being unwrapped as soon as it arrives. A failed unwrap leaves nothing to overwrite.
 */
function overwrite({ key, over }: HeldKey): void {
  over.abort();
  key.then(
    (arrived) => arrived.zero(),
    () => undefined,
  );
}

/** The session keys of this process. */
export function sessionKeys(): SessionKeys {
  const held = new Map<string, Held>();
  const end = (id: string): void => {
    const session = held.get(id);
    held.delete(id);
    for (const key of session?.keys.values() ?? []) overwrite(key);
  };
  return {
    get: async (name, deposit, unwrap) => {
      const session = held.get(name.id) ?? { name, keys: new Map() };
      held.set(name.id, session);
      let one = session.keys.get(deposit);
      if (one === undefined) {
        const made: HeldKey = { key: unwrap(), over: new AbortController() };
        one = made;
        session.keys.set(deposit, made);
        made.key.catch(() => {
          if (session.keys.get(deposit) === made) session.keys.delete(deposit);
        });
      }
      return { key: await one.key, ended: one.over.signal };
    },
    end,
    drop: (id, deposit) => {
      const key = held.get(id)?.keys.get(deposit);
      held.get(id)?.keys.delete(deposit);
      if (key !== undefined) overwrite(key);
    },
    deposits: (id) => [...(held.get(id)?.keys.keys() ?? [])],
    sessions: () => [...held.values()].map(({ name }) => name),
    close: () => {
      for (const session of [...held.keys()]) end(session);
    },
  };
}
