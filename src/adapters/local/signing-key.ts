// Signer with key files: Ed25519 in PEM (PKCS #8).
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { link, readFile, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { sha256 } from '../../bytes/digest.ts';
import { newRequestId } from '../../bytes/ids.ts';
import { VaultError } from '../../errors.ts';
import { namedKey, writeNote } from '../../model/log/note.ts';
import type { Signer } from '../../ports/signer.ts';
import { fileCode, makeFolder, syncFolder, writeNewFile } from './files.ts';

/**
 * Opens the signing keys in these files, one or two. A file with the public key alone is for a process that only verifies.
 * Throws `config_invalid` for a file that is missing, unreadable, accessible to other users, or not an Ed25519 key: a new
 * key in place of a lost one would look like tampering.
 */
export async function openSigner(paths: readonly string[]): Promise<Signer> {
  const keys: SigningKey[] = [];
  for (const path of paths) keys.push(await openKey(path));
  return {
    keys: keys.map(({ raw }) => raw),
    signs: keys.every(({ privateKey }) => privateKey !== null),
    sign: (name, text) =>
      writeNote({
        text,
        signatures: keys.map(({ privateKey, raw }) => ({
          name,
          id: namedKey(name, raw, hash).id,
          signature: signed(text, privateKey),
        })),
      }),
  };
}

type SigningKey = { readonly privateKey: KeyObject | null; readonly raw: Uint8Array };

function signed(text: string, privateKey: KeyObject | null): Buffer {
  if (privateKey === null)
    throw new VaultError('config_invalid', 'CALLVAULT_SIGNER names a public key, which cannot sign');
  return sign(null, Buffer.from(text), privateKey);
}

async function openKey(path: string): Promise<SigningKey> {
  const pem = await readKey(path);
  if (pem === null) {
    throw new VaultError(
      'config_invalid',
      'the file of CALLVAULT_SIGNER does not exist: restore it from its backup, or create the first one with callvault signer create',
    );
  }
  try {
    const privateKey = pem.includes('PUBLIC KEY') ? null : createPrivateKey(pem);
    const publicKey = createPublicKey(pem);
    if (publicKey.asymmetricKeyType !== 'ed25519') throw new TypeError('another algorithm');
    // The last 32 bytes of a SubjectPublicKeyInfo (RFC 8410) are the key.
    const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
    return { privateKey, raw };
  } catch (cause) {
    throw new VaultError('config_invalid', 'the signing key file does not contain an Ed25519 key', { cause });
  }
}

const hash = (bytes: Uint8Array): Uint8Array => sha256(bytes);

async function readKey(path: string): Promise<Buffer | null> {
  try {
    const pem = await readFile(path);
    if (!pem.includes('PUBLIC KEY') && ((await stat(path)).mode & 0o077) !== 0) {
      throw new VaultError('config_invalid', 'the signing key file is accessible to other users: chmod 0400');
    }
    return pem;
  } catch (cause) {
    if (fileCode(cause) === 'ENOENT') return null;
    if (cause instanceof VaultError) throw cause;
    throw new VaultError('config_invalid', 'the signing key cannot be read', { cause });
  }
}

/** Whether there is a file of this name. Throws `config_invalid` where that cannot be read. */
export async function hasSigner(path: string): Promise<boolean> {
  return (await readKey(path)) !== null;
}

/**
 * Creates a signing key in a new file, mode 0400, which no existing file is replaced with. Of several processes that create
 * it together, one links the file to its name. Throws `config_invalid` where it cannot be written.
 */
export async function createSigner(path: string): Promise<void> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const staging = `${path}.${newRequestId()}.new`;
  try {
    await makeFolder(dirname(path));
    await writeNewFile(staging, Buffer.from(privateKey.export({ format: 'pem', type: 'pkcs8' })), 0o400);
    await link(staging, path);
    await syncFolder(dirname(path));
  } catch (cause) {
    if (fileCode(cause) !== 'EEXIST')
      throw new VaultError('config_invalid', 'the signing key cannot be created', { cause });
  } finally {
    await rm(staging, { force: true });
  }
}
