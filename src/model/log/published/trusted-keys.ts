// The keys that a reader of a log trusts: those it was given, and those that the log names once a trusted key sealed that.
import { bytesOfBase64, hexOf } from '../base64.ts';
import { type Checkpoint, readCheckpoint } from '../checkpoint.ts';
import type { Leaf } from '../leaf.ts';
import { type NoteCrypto, namedKey, openNote, readNote, type VerifierKey } from '../note.ts';

/** A checkpoint that a trusted key signed, and the ids of the keys that did, in hex and sorted. */
export type SignedCheckpoint = Checkpoint & { readonly keys: readonly string[] };

export type TrustedKeys = {
  /** The checkpoint of a note of this log that a trusted key signed; null for any other. */
  readonly open: (note: string) => SignedCheckpoint | null;
  /** Takes an event of the log: `signer.added` names a key, which does not count yet. */
  readonly add: (leaf: Leaf) => void;
  /** The events so far are sealed: the keys that they name count. */
  readonly sealed: () => void;
};

/** The trusted keys of the log with this name; keys of other names are ignored. */
export function trustedKeys(name: string, given: readonly VerifierKey[], crypto: NoteCrypto): TrustedKeys {
  const keys = given.filter((key) => key.name === name);
  let named: Uint8Array[] = [];
  return {
    open: (note) => {
      const text = openNote(note, keys, crypto);
      const checkpoint = text === null ? null : readCheckpoint(text);
      if (checkpoint?.log !== name) return null;
      const ids = new Set(keys.map(({ id }) => hexOf(id)));
      const signed = (readNote(note)?.signatures ?? []).filter((one) => one.name === name).map(({ id }) => hexOf(id));
      return { ...checkpoint, keys: [...new Set(signed)].filter((id) => ids.has(id)).sort() };
    },
    add: ({ action, outcome, object }) => {
      if (action !== 'signer.added' || outcome !== 'ok') return;
      const keyed = bytesOfBase64(String(object['key']));
      if (keyed?.length === 33 && keyed[0] === 1) named.push(keyed.slice(1));
    },
    sealed: () => {
      keys.push(...named.map((key) => namedKey(name, key, crypto.sha256)));
      named = [];
    },
  };
}
