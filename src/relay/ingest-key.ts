// The ingest key that the relay seals to: which of the keys that a vault sends it accepts. Pure.
import { sha256 } from '../bytes/digest.ts';
import { isEd25519 } from '../bytes/ed25519.ts';
import { isId } from '../bytes/ids.ts';
import { readIngestKeyNote } from '../model/log/ingest-key-note.ts';

/** A public key of the tenant. `publicKey`: base64 of 32 bytes. `note`: signed, or null without a signer. */
export type OfferedKey = {
  readonly id: string;
  readonly publicKey: string;
  readonly created: string;
  readonly note: string | null;
};

/** What the relay keeps: the key that it seals to, and another one that waits for a person. */
export type KeptKeys = { readonly current: OfferedKey | null; readonly candidate: OfferedKey | null };

/**
 * What was pinned when the relay was set up: the signer's verifier key, or a public key in base64. With neither, the
 * first key that the vault sends is pinned.
 */
export type Pinned = {
  readonly tenant: string;
  readonly verifierKey: string | null;
  readonly publicKey: string | null;
};

/** `kept`: what to keep from now on. `problem`: why the offered key is not accepted. */
export type KeyDecision = {
  readonly kept: KeptKeys;
  readonly problem: 'key_untrusted' | 'key_changed' | null;
};

/** Reads the answer of `GET /v1/ingest-key`, or a key that was kept; null for anything else. */
export function readOfferedKey(value: unknown): OfferedKey | null {
  if (typeof value !== 'object' || value === null) return null;
  const { id, public: publicKey, created, note } = value as Readonly<Record<string, unknown>>;
  if (typeof id !== 'string' || typeof publicKey !== 'string' || typeof created !== 'string') return null;
  if (!isId(id, 'ink') || !/^[A-Za-z0-9+/]{43}=$/.test(publicKey) || Number.isNaN(Date.parse(created))) return null;
  return { id, publicKey, created, note: typeof note === 'string' ? note : null };
}

/** A kept key as the JSON that `readOfferedKey` reads. */
export function keptJson({ id, publicKey, created, note }: OfferedKey): object {
  return { id, public: publicKey, created, note };
}

/** The kept key that still counts: with a verifier key its note is verified again, as the file may be another's work. */
export function trustedKept(kept: KeptKeys, pinned: Pinned): KeptKeys {
  const { current } = kept;
  const trusted = current !== null && isPinned(current, pinned) !== false;
  return { current: trusted ? current : null, candidate: kept.candidate };
}

/** Decides on a key that the vault offers. A key that is not accepted never replaces one that was. */
export function decideKey(kept: KeptKeys, offered: OfferedKey, pinned: Pinned): KeyDecision {
  const { current } = kept;
  const same = current !== null && current.id === offered.id && current.publicKey === offered.publicKey;
  const pin = isPinned(offered, pinned);
  if (pin === false) return { kept, problem: pinned.verifierKey === null ? 'key_changed' : 'key_untrusted' };
  // A public key says nothing about its id, and the vault opens no file that names another id: the first one counts.
  if (pinned.publicKey !== null && current !== null && current.id !== offered.id)
    return { kept: { current, candidate: offered }, problem: 'key_changed' };
  if (pin === true) {
    // A note stays valid for ever: an older key must not come back. Two keys of one time are none of ours.
    const older = pinned.verifierKey !== null && current !== null && !same && offered.created <= current.created;
    return older ? { kept, problem: 'key_untrusted' } : { kept: { current: offered, candidate: null }, problem: null };
  }
  if (current === null) return { kept: { current: offered, candidate: null }, problem: null };
  if (same) return { kept: { current, candidate: null }, problem: null };
  return { kept: { current, candidate: offered }, problem: 'key_changed' };
}

/** A person accepts the key that waits. Null where no key of this id waits. */
export function acceptCandidate({ candidate }: KeptKeys, id: string): KeptKeys | null {
  return candidate?.id === id ? { current: candidate, candidate: null } : null;
}

/** Whether a key is what was pinned; null where nothing was, and the first one counts. */
function isPinned({ id, publicKey, created, note }: OfferedKey, pinned: Pinned): boolean | null {
  if (pinned.verifierKey !== null) {
    const crypto = { sha256, isEd25519 };
    const read = note === null ? null : readIngestKeyNote(note, pinned.verifierKey, { tenant: pinned.tenant }, crypto);
    if (read === null) return false;
    return read.id === id && read.created === created && Buffer.from(read.public).toString('base64') === publicKey;
  }
  return pinned.publicKey === null ? null : pinned.publicKey === publicKey;
}

/** The fingerprint that people compare: the first 16 bytes of the key's SHA-256, in hex groups. */
export function keyFingerprint({ publicKey }: Pick<OfferedKey, 'publicKey'>): string {
  const hex = sha256(Buffer.from(publicKey, 'base64')).toString('hex').slice(0, 32);
  return hex.match(/.{4}/g)?.join(' ') ?? '';
}
