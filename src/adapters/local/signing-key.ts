// Signer with a key file: Ed25519 in PEM (PKCS #8), created at first use.
import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { link, readFile, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { newRequestId } from '../../bytes/ids.ts';
import { signNote, verifierKey } from '../../bytes/signed-note.ts';
import { VaultError } from '../../errors.ts';
import type { Signer } from '../../ports/signer.ts';
import { fileCode, makeFolder, syncFolder, writeNewFile } from './files.ts';

/**
 * Opens the signing key in the file `path`, under the deployment's name; creates it where it is missing. Throws
 * `config_invalid` for a file that is unreadable, accessible to other users, or not an Ed25519 key.
 */
export async function openSigner(path: string, name: string): Promise<Signer> {
  const pem = (await readKey(path)) ?? (await makeKey(path));
  try {
    const privateKey = createPrivateKey(pem);
    if (privateKey.asymmetricKeyType !== 'ed25519') throw new TypeError('another algorithm');
    const verifier = verifierKey(name, createPublicKey(privateKey));
    return { verifier, sign: (text) => signNote(text, name, privateKey) };
  } catch (cause) {
    throw new VaultError('config_invalid', 'the signing key file does not contain an Ed25519 key', { cause });
  }
}

async function readKey(path: string): Promise<Buffer | null> {
  try {
    if (((await stat(path)).mode & 0o077) !== 0) {
      throw new VaultError('config_invalid', 'the signing key file is accessible to other users: chmod 0400');
    }
    return await readFile(path);
  } catch (cause) {
    if (fileCode(cause) === 'ENOENT') return null;
    if (cause instanceof VaultError) throw cause;
    throw new VaultError('config_invalid', 'the signing key cannot be read', { cause });
  }
}

/** Of several processes that create it together, one links the file to its name, and all read that one. */
async function makeKey(path: string): Promise<Buffer> {
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
  const made = await readKey(path);
  if (made === null) throw new VaultError('config_invalid', 'the signing key file disappeared after it was created');
  return made;
}
