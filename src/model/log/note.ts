// Signed notes: a text that anyone can verify with a 32-byte public key (C2SP signed-note, Ed25519). Pure: the caller brings SHA-256 and Ed25519.
import { base64Of, bytesOfBase64, hexOf } from './base64.ts';

/** What notes need of cryptography. */
export type NoteCrypto = {
  readonly sha256: (bytes: Uint8Array) => Uint8Array;
  /** Whether an Ed25519 signature over `data` is by this 32-byte public key (RFC 8032). */
  readonly isEd25519: (key: Uint8Array, data: Uint8Array, signature: Uint8Array) => boolean;
};

/** A public key under a name, and its four-byte id. */
export type VerifierKey = { readonly name: string; readonly id: Uint8Array; readonly key: Uint8Array };

/** A note that was read, not verified. `id` and `signature` of each of its lines. */
export type Note = {
  readonly text: string;
  readonly signatures: readonly { readonly name: string; readonly id: Uint8Array; readonly signature: Uint8Array }[];
};

const ED25519 = 1;
/** A reader must accept 16 signatures; a longer list only costs work. */
const MOST_SIGNATURES = 64;
/** Names have neither spaces nor a plus. */
const NAME = '[^\\s+]+';
const LINE = new RegExp(`^— (${NAME}) ([A-Za-z0-9+/=]+)$`);
const VERIFIER = new RegExp(`^(${NAME})\\+([0-9a-f]{8})\\+([A-Za-z0-9+/=]+)$`);
// biome-ignore lint/suspicious/noControlCharactersInRegex: a note has none but line feeds
const CONTROL = /[\u0000-\u0009\u000b-\u001f]/;

/** A key under a name. `key`: 32 bytes. */
export function namedKey(name: string, key: Uint8Array, sha256: NoteCrypto['sha256']): VerifierKey {
  const named = new TextEncoder().encode(`${name}\n`);
  const input = new Uint8Array(named.length + 1 + key.length);
  input.set(named);
  input[named.length] = ED25519;
  input.set(key, named.length + 1);
  return { name, id: sha256(input).slice(0, 4), key };
}

/** The text form of a key: `<name>+<id, hex>+<base64 of the algorithm's byte and the 32 bytes>`. */
export function verifierKey({ name, id, key }: VerifierKey): string {
  return `${name}+${hexOf(id)}+${base64Of(Uint8Array.of(ED25519, ...key))}`;
}

/** The key of such a text; null where it is not one of Ed25519. */
export function readVerifierKey(text: string, sha256: NoteCrypto['sha256']): VerifierKey | null {
  const [, name = '', id = '', keyed = ''] = VERIFIER.exec(text) ?? [];
  const bytes = bytesOfBase64(keyed);
  if (bytes === null || bytes.length !== 33 || bytes[0] !== ED25519) return null;
  const read = namedKey(name, bytes.slice(1), sha256);
  return hexOf(read.id) === id ? read : null;
}

/** A note from its text, which ends with a line feed, and its signatures, one at least. */
export function writeNote({ text, signatures }: Note): string {
  if (!text.endsWith('\n')) throw new RangeError('the text of a note ends with a line feed');
  const lines = signatures.map(
    ({ name, id, signature }) => `— ${name} ${base64Of(Uint8Array.of(...id, ...signature))}\n`,
  );
  return `${text}\n${lines.join('')}`;
}

/** Reads a note; null where it is none. A reader finds nothing after the text but signatures. */
export function readNote(note: string): Note | null {
  const end = note.lastIndexOf('\n\n');
  if (end < 0 || !note.endsWith('\n') || CONTROL.test(note)) return null;
  const lines = note.slice(end + 2, -1).split('\n');
  if (lines.length > MOST_SIGNATURES) return null;
  const signatures: Note['signatures'][number][] = [];
  for (const line of lines) {
    const [, name = '', base64 = ''] = LINE.exec(line) ?? [];
    const bytes = bytesOfBase64(base64);
    if (name === '' || bytes === null || bytes.length <= 4) return null;
    signatures.push({ name, id: bytes.slice(0, 4), signature: bytes.slice(4) });
  }
  return { text: note.slice(0, end + 1), signatures };
}

/**
 * The text of a note that one of these keys signed; null where it is no note, none of them signed it, or a signature by
 * one of them is wrong. Signatures by others are ignored.
 */
export function openNote(note: string, keys: readonly VerifierKey[], crypto: NoteCrypto): string | null {
  const read = readNote(note);
  if (read === null) return null;
  const data = new TextEncoder().encode(read.text);
  let signed = false;
  for (const { name, id, signature } of read.signatures) {
    const known = keys.filter((key) => key.name === name && hexOf(key.id) === hexOf(id));
    if (known.length === 0) continue;
    if (!known.some(({ key }) => signature.length === 64 && crypto.isEd25519(key, data, signature))) return null;
    signed = true;
  }
  return signed ? read.text : null;
}
