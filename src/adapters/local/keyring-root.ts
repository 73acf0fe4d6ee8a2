// The root key of a keyring: a separate file of 32 raw bytes, created once even if several processes start together.
import { randomBytes, randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import { fileCode, syncFolder, writeNewFile } from './files.ts';

/**
 * Reads the root key in the file `path`. Creates it where it is missing, unless `used` says that keys are sealed under
 * it. Throws `config_invalid` for a file that is missing, unreadable, accessible to other users, or of another length.
 */
export async function openRoot(path: string, used: boolean): Promise<SecretKey> {
  const found = await readRoot(path);
  if (found === null && used) {
    throw new VaultError('config_invalid', 'the keyring exists but its root key file does not');
  }
  if (found === null) await makeRoot(path);
  // The process that created the file may have died before syncing its name: no key may depend on it before.
  if (!used) await syncFolder(dirname(path));
  const root = found ?? (await readRoot(path));
  if (root === null) throw new VaultError('config_invalid', 'the root key file disappeared after it was created');
  return root;
}

async function readRoot(path: string): Promise<SecretKey | null> {
  let mode: number;
  let bytes: Buffer;
  try {
    mode = (await stat(path)).mode;
    bytes = await readFile(path);
  } catch (cause) {
    if (fileCode(cause) === 'ENOENT') return null;
    throw new VaultError('config_invalid', 'the root key cannot be read', { cause });
  }
  if ((mode & 0o077) !== 0)
    throw new VaultError('config_invalid', 'the root key file is accessible to other users: chmod 0400');
  if (bytes.length !== 32) throw new VaultError('config_invalid', 'the root key file must contain exactly 32 bytes');
  return new SecretKey(bytes);
}

/** Writes a complete file under a temporary name first: of several processes, one links it to the final name. */
async function makeRoot(path: string): Promise<void> {
  const bytes = randomBytes(32);
  const staging = `${path}.${randomUUID()}.new`;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  try {
    await writeNewFile(staging, bytes, 0o400);
    await link(staging, path);
  } catch (cause) {
    if (fileCode(cause) !== 'EEXIST')
      throw new VaultError('config_invalid', 'the root key cannot be created', { cause });
  } finally {
    bytes.fill(0);
    await rm(staging, { force: true });
  }
}
