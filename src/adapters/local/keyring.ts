// The key service as two files: tenant keys in keyring.json, sealed under a root key in a file of its own.
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fromBase64, toBase64 } from '../../bytes/base64.ts';
import { canonicalBytes } from '../../bytes/canonical-json.ts';
import { sha256 } from '../../bytes/sha256.ts';
import { keyVersionContext, unwrapDataKey, wrapDataKey, wrappingVersion } from '../../envelope/keyring-wrap.ts';
import { openMessage, sealMessage } from '../../envelope/message.ts';
import { SecretKey } from '../../envelope/secret-key.ts';
import { hasCode, VaultError } from '../../errors.ts';
import type { KeyService } from '../../ports/key-service.ts';
import { fileCode, makeFolder, replaceFile, syncFolder, writeNewFile } from './files.ts';

type KeyVersion = { readonly n: number; readonly created: string; readonly sealed: string };
type KeyEntry = {
  readonly id: string;
  readonly state: 'enabled' | 'disabled';
  readonly current: number;
  readonly versions: readonly KeyVersion[];
};
type Keyring = { readonly keys: readonly KeyEntry[] };

/**
 * Opens the keyring file `path` under the root key file `rootPath` (32 raw bytes, readable by its owner alone). Where
 * neither exists both are begun; a keyring without its root is refused, since a new root could open nothing.
 */
export async function openKeyring(path: string, rootPath: string): Promise<KeyService> {
  const root = await openRoot(rootPath, await readKeyring(path));
  let last: Promise<unknown> = Promise.resolve();

  /** The version, looked for in the file as it is now: another process may have added the key, or disabled it. */
  const versionOf = async (id: string, version: number | null): Promise<KeyVersion> => {
    const entry = (await readKeyring(path))?.keys.find((candidate) => candidate.id === id);
    const key = entry?.versions.find(({ n }) => n === (version ?? entry.current));
    if (entry === undefined || key === undefined) throw new VaultError('key_refused', 'the keyring has no such key');
    if (entry.state !== 'enabled') throw new VaultError('key_refused', 'the key is disabled');
    return key;
  };

  const addKey = async (id: string): Promise<void> => {
    const { keys } = (await readKeyring(path)) ?? { keys: [] };
    if (keys.some((entry) => entry.id === id)) return;
    const entry: KeyEntry = { id, state: 'enabled', current: 1, versions: [newVersion(root, id, 1)] };
    await replaceFile(path, canonicalBytes({ keys: [...keys, entry] }), 0o600);
  };

  /** Lends the bytes of one version. */
  const withVersion = <T>(id: string, version: KeyVersion, borrow: (key: Buffer) => T): T =>
    root.use((bytes) => {
      const key = openVersion(bytes, id, version);
      try {
        return borrow(key);
      } finally {
        key.fill(0);
      }
    });

  return {
    createKey: async (tenant) => {
      const id = `keyring/${uuidOf(tenant)}`;
      // One after the other, here and among processes: a key that a second writer overwrote could never be had again.
      const added = last.then(() => locked(`${path}.lock`, () => addKey(id)));
      last = added.catch(() => undefined);
      await added;
      return { scheme: 'keyring', id };
    },
    generateDataKey: async (key, context) => {
      const version = await versionOf(key.id, null);
      const bytes = randomBytes(32);
      const wrapped = withVersion(key.id, version, (kek) => wrapDataKey(kek, version.n, context, bytes));
      return { dataKey: new SecretKey(bytes), id: key.id, wrapped };
    },
    unwrap: async (key, context) => {
      if (key.scheme !== 'keyring') throw new VaultError('key_refused', `the keyring has no ${key.scheme} keys`);
      try {
        const version = await versionOf(key.id, wrappingVersion(key.wrapped));
        return new SecretKey(withVersion(key.id, version, (kek) => unwrapDataKey(kek, context, key.wrapped)));
      } catch (cause) {
        if (hasCode(cause, 'integrity'))
          throw new VaultError('key_refused', 'the wrapped key does not open', { cause });
        throw cause;
      }
    },
  };
}

/** Whether the keyring file is there and whole. Throws `key_service_unavailable`. Opens nothing. */
export async function checkKeyring(path: string): Promise<void> {
  if ((await readKeyring(path)) === null)
    throw new VaultError('key_service_unavailable', 'the keyring is not there', { retryAfter: 5 });
}

const LOCK_WAIT_MS = 5_000;
const LOCK_STALE_MS = 10_000;

/** Runs `work` while this process alone has the lock file. One that outlived its process is removed after 10 seconds. */
async function locked(lock: string, work: () => Promise<void>): Promise<void> {
  const giveUp = performance.now() + LOCK_STALE_MS + LOCK_WAIT_MS;
  await makeFolder(dirname(lock));
  for (;;) {
    try {
      await writeNewFile(lock, Buffer.alloc(0), 0o600);
      break;
    } catch (cause) {
      if (fileCode(cause) !== 'EEXIST' || performance.now() > giveUp) {
        throw new VaultError('key_service_unavailable', 'the keyring cannot be locked', { cause, retryAfter: 5 });
      }
      const age = await stat(lock).then(
        ({ mtimeMs }) => Date.now() - mtimeMs,
        () => 0,
      );
      if (age > LOCK_STALE_MS) await rm(lock, { force: true });
      else await sleep(20);
    }
  }
  try {
    await work();
  } finally {
    await rm(lock, { force: true });
  }
}

function openVersion(root: Uint8Array, id: string, version: KeyVersion): Buffer {
  try {
    return openMessage(root, keyVersionContext(id, version.n), fromBase64(version.sealed));
  } catch (cause) {
    throw new VaultError('key_service_unavailable', 'a key does not open under this root key', { cause });
  }
}

function newVersion(root: SecretKey, id: string, n: number): KeyVersion {
  const key = randomBytes(32);
  const sealed = root.use((bytes) => sealMessage(bytes, keyVersionContext(id, n), key));
  key.fill(0);
  return { n, created: new Date().toISOString(), sealed: toBase64(sealed) };
}

/** A tenant's first key has an id that follows from the tenant's, so that a retry finds it: a UUIDv8 (RFC 9562). */
function uuidOf(tenant: string): string {
  const bytes = sha256('callvault/keyring@v1', tenant).subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

async function readKeyring(path: string): Promise<Keyring | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if (fileCode(cause) === 'ENOENT') return null;
    throw new VaultError('key_service_unavailable', 'the keyring cannot be read', { cause, retryAfter: 5 });
  }
  try {
    const keyring = JSON.parse(text) as Keyring;
    if (!Array.isArray(keyring.keys)) throw new TypeError('no keys');
    return keyring;
  } catch (cause) {
    throw new VaultError('key_service_unavailable', 'the keyring file is damaged', { cause });
  }
}

async function openRoot(path: string, keyring: Keyring | null): Promise<SecretKey> {
  let mode: number;
  let bytes: Buffer;
  try {
    mode = (await stat(path)).mode;
    bytes = await readFile(path);
  } catch (cause) {
    if (fileCode(cause) !== 'ENOENT') throw new VaultError('config_invalid', 'the root key cannot be read', { cause });
    if (keyring !== null) {
      throw new VaultError('config_invalid', 'the keyring exists but its root key file does not', { cause });
    }
    return newRoot(path);
  }
  if ((mode & 0o077) !== 0) throw new VaultError('config_invalid', 'the root key file is open to others: chmod 0400');
  if (bytes.length !== 32) throw new VaultError('config_invalid', 'the root key file does not hold 32 bytes');
  return new SecretKey(bytes);
}

async function newRoot(path: string): Promise<SecretKey> {
  const bytes = randomBytes(32);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeNewFile(path, bytes, 0o400);
  await syncFolder(dirname(path));
  return new SecretKey(bytes);
}
