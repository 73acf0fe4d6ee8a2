// The root key of a keyring: 32 raw bytes in a file of its own, begun once however many processes start at once.
import { randomBytes, randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import { fileCode, syncFolder, writeNewFile } from './files.ts';

/**
 * The root key in the file `path`. Where there is none one is made, unless `used` says that keys lie under it already.
 * Throws `config_invalid` for a file that is missing, unreadable, open to others or of another length.
 */
export async function openRoot(path: string, used: boolean): Promise<SecretKey> {
  const found = await readRoot(path);
  if (found === null && used) {
    throw new VaultError('config_invalid', 'the keyring exists but its root key file does not');
  }
  if (found === null) await makeRoot(path);
  // Whoever made the file may have died before its name was durable: no key may lie under a root that can still go.
  if (!used) await syncFolder(dirname(path));
  const root = found ?? (await readRoot(path));
  if (root === null) throw new VaultError('config_invalid', 'the root key file does not stay where it was put');
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
  if ((mode & 0o077) !== 0) throw new VaultError('config_invalid', 'the root key file is open to others: chmod 0400');
  if (bytes.length !== 32) throw new VaultError('config_invalid', 'the root key file does not hold 32 bytes');
  return new SecretKey(bytes);
}

/** Makes the file whole under a name of its own first: of several processes one gives it the name that counts. */
async function makeRoot(path: string): Promise<void> {
  const bytes = randomBytes(32);
  const staging = `${path}.${randomUUID()}.new`;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  try {
    await writeNewFile(staging, bytes, 0o400);
    await link(staging, path);
  } catch (cause) {
    if (fileCode(cause) !== 'EEXIST') throw new VaultError('config_invalid', 'the root key cannot be made', { cause });
  } finally {
    bytes.fill(0);
    await rm(staging, { force: true });
  }
}
