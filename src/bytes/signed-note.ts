// Signed notes: text that anybody can check with a public key of 32 bytes (C2SP signed-note, Ed25519).
import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { VaultError } from '../errors.ts';
import { equalBytes, sha256 } from './digest.ts';

const ED25519 = 1;
/** An Ed25519 public key as SubjectPublicKeyInfo (RFC 8410) is this and its 32 bytes. */
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');

/** A key's name and the key: `<name>+<id, hex>+<base64 of the algorithm byte and the 32 bytes>`. */
export function verifierKey(name: string, publicKey: KeyObject): string {
  const raw = rawOf(publicKey);
  const keyed = Buffer.concat([Buffer.of(ED25519), raw]);
  return `${name}+${keyId(name, keyed).toString('hex')}+${keyed.toString('base64')}`;
}

/** The note: the text, an empty line, one signature line. The text ends with a line feed. */
export function signNote(text: string, name: string, privateKey: KeyObject): string {
  if (!text.endsWith('\n')) throw new VaultError('internal', 'a note ends with a line feed');
  const keyed = Buffer.concat([Buffer.of(ED25519), rawOf(createPublicKey(privateKey))]);
  const signature = Buffer.concat([keyId(name, keyed), sign(null, Buffer.from(text), privateKey)]);
  return `${text}\n— ${name} ${signature.toString('base64')}\n`;
}

/** The text of a note that carries a signature of this key. Throws `malformed`, and `integrity` where none agrees. */
export function openNote(note: string, verifier: string): string {
  const [, name = '', id = '', keyed = ''] = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(verifier) ?? [];
  const key = Buffer.from(keyed, 'base64');
  if (key.length !== 33 || key[0] !== ED25519 || keyId(name, key).toString('hex') !== id) {
    throw new VaultError('malformed', 'not a verifier key of Ed25519');
  }
  const end = note.lastIndexOf('\n\n');
  if (end < 0 || !note.endsWith('\n')) throw new VaultError('malformed', 'not a signed note');
  const text = note.slice(0, end + 1);
  const publicKey = createPublicKey({ key: Buffer.concat([SPKI, key.subarray(1)]), format: 'der', type: 'spki' });
  const lines = note
    .slice(end + 2, -1)
    .split('\n')
    .map((line) => /^— (\S+) ([A-Za-z0-9+/=]+)$/.exec(line));
  // Whoever reads the file must find nothing in it that nobody signed.
  if (lines.includes(null)) throw new VaultError('malformed', 'not a signed note');
  for (const line of lines) {
    const [, signer = '', base64 = ''] = line ?? [];
    const signature = Buffer.from(base64, 'base64');
    if (signer !== name || signature.length !== 68 || !equalBytes(signature.subarray(0, 4), keyId(name, key))) continue;
    if (verify(null, Buffer.from(text), publicKey, signature.subarray(4))) return text;
  }
  throw new VaultError('integrity', 'no signature of this key agrees with the note');
}

function keyId(name: string, keyed: Uint8Array): Buffer {
  return sha256(name, '\n', keyed).subarray(0, 4);
}

function rawOf(publicKey: KeyObject): Buffer {
  return publicKey.export({ format: 'der', type: 'spki' }).subarray(SPKI.length);
}
