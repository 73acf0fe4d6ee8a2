// Data keys of live listening sessions: one unwrap per session and deposit, overwritten when the session ends.
import { hexOf } from '../../../bytes/hex.ts';
import type { StoredObject } from '../../../envelope/object.ts';
import { noFindings, type ReaderFindings } from '../../../envelope/range.ts';
import type { SecretKey } from '../../../envelope/secret-key.ts';

/** A session and the tenant it belongs to. */
export type SessionRef = { readonly tenant: string; readonly id: string };

/**
 * A data key for the lifetime of its session and its deposit. `ended` fires when either ends; the key is overwritten
 * then.
 */
export type LiveKey = {
  readonly key: SecretKey;
  readonly ended: AbortSignal;
  /** What this session's readers found out about an object of the deposit as its rows describe it now. */
  readonly findings: (object: StoredObject) => ReaderFindings;
};

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

type HeldKey = {
  readonly key: Promise<SecretKey>;
  readonly over: AbortController;
  readonly findings: Map<string, ReaderFindings>;
};
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

/** Rows that were changed since describe another object: what was proven of it does not count. */
function findingsOf(all: Map<string, ReaderFindings>, { name, size, heads }: StoredObject): ReaderFindings {
  const described = `${name} ${size} ${hexOf(heads)}`;
  const known = all.get(described) ?? noFindings();
  all.set(described, known);
  return known;
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
        const made: HeldKey = { key: unwrap(), over: new AbortController(), findings: new Map() };
        one = made;
        session.keys.set(deposit, made);
        made.key.catch(() => {
          if (session.keys.get(deposit) === made) session.keys.delete(deposit);
        });
      }
      const { over, findings } = one;
      return { key: await one.key, ended: over.signal, findings: (object) => findingsOf(findings, object) };
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
