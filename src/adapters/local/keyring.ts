// Key service in two files: tenant keys in keyring.json, sealed under a root key in a separate file.
import { randomBytes } from 'node:crypto';
import type { KeyContext } from '../../envelope/key-context.ts';
import { unwrapLocally, wrapLocally, wrappingVersion } from '../../envelope/local-wrap.ts';
import { SecretKey } from '../../envelope/secret-key.ts';
import { hasCode, VaultError } from '../../errors.ts';
import type { KeyReference } from '../../model/tenant.ts';
import type { KeyOpener, KeyService, ServiceWrapped, WrappedBytes } from '../../ports/key-service.ts';
import type { Wait } from '../../ports/object-store.ts';
import { withFileLock } from './file-lock.ts';
import { keyringReader } from './keyring-cache.ts';
import { entryId, newEntry, openVersion, withNewVersion } from './keyring-entry.ts';
import { changeKeyring, type KeyEntry, type Keyring, type KeyVersion, readKeyring } from './keyring-file.ts';
import { keyringProvider } from './keyring-provider.ts';
import { openRoot } from './keyring-root.ts';

/**
 * Opens the keyring file `path` under the root key file `rootPath` (32 raw bytes, readable by its owner only). Creates
 * both where neither exists; rejects a keyring without its root key, since a new one could open nothing.
 */
export async function openKeyring(path: string, rootPath: string): Promise<KeyService> {
  const root = await openRoot(rootPath, (await readKeyring(path)) !== null);
  const read = keyringReader(path);
  let last: Promise<unknown> = Promise.resolve();

  const entryOf = async (key: KeyReference): Promise<KeyEntry | undefined> => read(idOf(key));

  const versionOf = async (key: KeyReference, version: number | null): Promise<KeyVersion> => {
    const entry = requireUsable(await entryOf(key));
    const found = entry.versions.find(({ n }) => n === (version ?? entry.current));
    if (found === undefined) throw unknownKey();
    return found;
  };

  /** Changes the file: serialized within this process, and by a lock among processes. */
  const change = async (by: (now: Keyring) => Keyring | null, wait: Wait): Promise<void> => {
    const changed = last
      .then(() => withFileLock(`${path}.lock`, () => changeKeyring(path, by), wait))
      .catch(throwWriteError);
    last = changed.catch(() => undefined);
    await changed;
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

  const wrap = async (key: KeyReference, bytes: Uint8Array, context: KeyContext): Promise<WrappedBytes> => {
    const version = await versionOf(key, null);
    const wrapped = withVersion(key.id, version, (kek) => wrapLocally(kek, version.n, context, bytes));
    return { id: key.id, wrapped };
  };

  const unwrap = async (key: ServiceWrapped, context: KeyContext): Promise<SecretKey> => {
    try {
      const version = await versionOf(key, wrappingVersion(key.wrapped));
      return new SecretKey(withVersion(key.id, version, (kek) => unwrapLocally(kek, context, key.wrapped)));
    } catch (cause) {
      if (hasCode(cause, 'integrity')) throw new VaultError('key_refused', 'the wrapped key does not open', { cause });
      throw cause;
    }
  };

  return {
    provider: keyringProvider(path),
    createKey: async (tenant, generation, wait) => {
      const id = entryId(tenant, generation);
      const add = ({ keys }: Keyring): Keyring | null =>
        keys.some((entry) => entry.id === id) ? null : { keys: [...keys, newEntry(root, id)] };
      await change(add, wait);
      return { scheme: 'keyring', id };
    },
    rotate: async (key, wait) => {
      const id = idOf(key);
      const turn = ({ keys }: Keyring): Keyring => {
        const now = requireUsable(keys.find((entry) => entry.id === id));
        return { keys: keys.map((entry) => (entry === now ? withNewVersion(root, now) : entry)) };
      };
      await change(turn, wait);
    },
    // The keyring has no aliases.
    nameKey: async (_, key) => void idOf(key),
    describe: async (key) => (await entryOf(key))?.state ?? 'missing',
    generateDataKey: async (key, context) => {
      const dataKey = new SecretKey(randomBytes(32));
      try {
        return { dataKey, ...(await dataKey.use((bytes) => wrap(key, bytes, context))) };
      } catch (error) {
        dataKey.zero();
        throw error;
      }
    },
    unwrap,
    wrap: (key, dataKey, context) => dataKey.use((bytes) => wrap(key, bytes, context)),
    rewrap: async (key, from, to) => {
      const dataKey = await unwrap(key, from);
      try {
        return await dataKey.use((bytes) => wrap(to.key, bytes, to.context));
      } finally {
        dataKey.zero();
      }
    },
    close: async () => undefined,
  };
}

/** Opens a keyring for compose. `openExisting` creates nothing, and throws `key_service_unavailable` where there is none. */
export const keyringOpener: KeyOpener<{ readonly path: string; readonly root: string }> = {
  open: ({ path, root }) => openKeyring(path, root),
  openExisting: async ({ path, root }) => {
    if ((await readKeyring(path)) === null) throw new VaultError('key_service_unavailable', 'there is no keyring here');
    return openKeyring(path, root);
  },
};

function idOf({ scheme, id }: KeyReference): string {
  if (scheme !== 'keyring') throw new VaultError('key_refused', `the keyring has no ${scheme} keys`);
  return id;
}

function requireUsable(entry: KeyEntry | undefined): KeyEntry {
  if (entry === undefined) throw unknownKey();
  if (entry.state !== 'enabled') throw new VaultError('key_refused', 'the key is disabled');
  return entry;
}

/** Keeps the keyring's own errors about a key; anything else is a failure of the file. */
function throwWriteError(cause: unknown): never {
  if (cause instanceof VaultError) throw cause;
  throw new VaultError('key_service_unavailable', 'the keyring cannot be written', { cause, retryAfter: 5 });
}

function unknownKey(): VaultError {
  return new VaultError('key_refused', 'the keyring has no such key');
}
