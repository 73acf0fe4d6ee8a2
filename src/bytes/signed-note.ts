// Signed notes: text that anyone can verify with a 32-byte public key (C2SP signed-note, Ed25519).
import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { VaultError } from '../errors.ts';
import { equalBytes, sha256 } from './digest.ts';

const ED25519 = 1;
/** DER prefix that turns 32 bytes into an Ed25519 SubjectPublicKeyInfo (RFC 8410). */
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');

/** A verifier key: `<name>+<id, hex>+<base64 of the algorithm byte and the 32 bytes>`. */
export function verifierKey(name: string, publicKey: KeyObject): string {
  const raw = rawOf(publicKey);
  const keyed = Buffer.concat([Buffer.of(ED25519), raw]);
  return `${name}+${keyId(name, keyed).toString('hex')}+${keyed.toString('base64')}`;
}

/** Builds a note: the text, an empty line, one signature line. The text must end with a line feed. */
export function signNote(text: string, name: string, privateKey: KeyObject): string {
  if (!text.endsWith('\n')) throw new VaultError('internal', 'a note ends with a line feed');
  const keyed = Buffer.concat([Buffer.of(ED25519), rawOf(createPublicKey(privateKey))]);
  const signature = Buffer.concat([keyId(name, keyed), sign(null, Buffer.from(text), privateKey)]);
  return `${text}\n— ${name} ${signature.toString('base64')}\n`;
}

/** Returns the text of a note that this key signed. Throws `malformed`, and `integrity` where no signature verifies. */
export function openNote(note: string, verifier: string): string {
  const [, name = '', id = '', keyed = ''] = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(verifier) ?? [];
  const key = Buffer.from(keyed, 'base64');
  if (key.length !== 33 || key[0] !== ED25519 || keyId(name, key).toString('hex') !== id) {
    throw new VaultError('malformed', 'not an Ed25519 verifier key');
  }
  const end = note.lastIndexOf('\n\n');
  if (end < 0 || !note.endsWith('\n')) throw new VaultError('malformed', 'not a signed note');
  const text = note.slice(0, end + 1);
  const publicKey = createPublicKey({ key: Buffer.concat([SPKI, key.subarray(1)]), format: 'der', type: 'spki' });
  const lines = note
    .slice(end + 2, -1)
    .split('\n')
    .map((line) => /^— (\S+) ([A-Za-z0-9+/=]+)$/.exec(line));
  // A reader of the file must find nothing in it that is unsigned.
  if (lines.includes(null)) throw new VaultError('malformed', 'not a signed note');
  for (const line of lines) {
    const [, signer = '', base64 = ''] = line ?? [];
    const signature = Buffer.from(base64, 'base64');
    if (signer !== name || signature.length !== 68 || !equalBytes(signature.subarray(0, 4), keyId(name, key))) continue;
    if (verify(null, Buffer.from(text), publicKey, signature.subarray(4))) return text;
  }
  throw new VaultError('integrity', 'no signature of the note verifies with this key');
}

function keyId(name: string, keyed: Uint8Array): Buffer {
  return sha256(name, '\n', keyed).subarray(0, 4);
}

function rawOf(publicKey: KeyObject): Buffer {
  return publicKey.export({ format: 'der', type: 'spki' }).subarray(SPKI.length);
}
