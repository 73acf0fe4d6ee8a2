// The key service as two files: tenant keys in keyring.json, sealed under a root key in a file of its own.
import { randomBytes } from 'node:crypto';
import { fromBase64, toBase64 } from '../../bytes/base64.ts';
import { sha256 } from '../../bytes/sha256.ts';
import type { KeyContext } from '../../envelope/key-context.ts';
import { keyVersionContext, unwrapDataKey, wrapDataKey, wrappingVersion } from '../../envelope/keyring-wrap.ts';
import { openMessage, sealMessage } from '../../envelope/message.ts';
import { SecretKey } from '../../envelope/secret-key.ts';
import { hasCode, VaultError } from '../../errors.ts';
import type { KeyReference } from '../../model/tenant.ts';
import type { KeyService, ServiceWrapped, Wrapped } from '../../ports/key-service.ts';
import { changeKeyring, type KeyEntry, type KeyVersion, readKeyring } from './keyring-file.ts';
import { openRoot } from './keyring-root.ts';
import { inTurn } from './turn.ts';

/**
 * Opens the keyring file `path` under the root key file `rootPath` (32 raw bytes, readable by its owner alone). Where
 * neither exists both are begun; a keyring without its root is refused, since a new root could open nothing.
 */
export async function openKeyring(path: string, rootPath: string): Promise<KeyService> {
  const root = await openRoot(rootPath, (await readKeyring(path)) !== null);
  let last: Promise<unknown> = Promise.resolve();

  /** The entry, looked for in the file as it is now: another process may have added the key, or disabled it. */
  const entryOf = async ({ scheme, id }: KeyReference): Promise<KeyEntry | undefined> => {
    if (scheme !== 'keyring') throw new VaultError('key_refused', `the keyring has no ${scheme} keys`);
    return (await readKeyring(path))?.keys.find((entry) => entry.id === id);
  };

  const versionOf = async (key: KeyReference, version: number | null): Promise<KeyVersion> => {
    const entry = await entryOf(key);
    const found = entry?.versions.find(({ n }) => n === (version ?? entry.current));
    if (entry === undefined || found === undefined) throw new VaultError('key_refused', 'the keyring has no such key');
    if (entry.state !== 'enabled') throw new VaultError('key_refused', 'the key is disabled');
    return found;
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

  const wrap = async (key: KeyReference, bytes: Uint8Array, context: KeyContext): Promise<Wrapped> => {
    const version = await versionOf(key, null);
    const wrapped = withVersion(key.id, version, (kek) => wrapDataKey(kek, version.n, context, bytes));
    return { id: key.id, wrapped };
  };

  const unwrap = async (key: ServiceWrapped, context: KeyContext): Promise<SecretKey> => {
    try {
      const version = await versionOf(key, wrappingVersion(key.wrapped));
      return new SecretKey(withVersion(key.id, version, (kek) => unwrapDataKey(kek, context, key.wrapped)));
    } catch (cause) {
      if (hasCode(cause, 'integrity')) throw new VaultError('key_refused', 'the wrapped key does not open', { cause });
      throw cause;
    }
  };

  return {
    createKey: async (tenant, wait) => {
      const id = `keyring/${uuidOf(tenant)}`;
      const add = () =>
        changeKeyring(path, ({ keys }) =>
          keys.some((entry) => entry.id === id) ? null : { keys: [...keys, newEntry(root, id)] },
        );
      // One after the other here, in turns among processes.
      const added = last.then(() => inTurn(`${path}.lock`, add, wait)).catch(notWritten);
      last = added.catch(() => undefined);
      await added;
      return { scheme: 'keyring', id };
    },
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
  };
}

function notWritten(cause: unknown): never {
  if (hasCode(cause, 'key_service_unavailable')) throw cause;
  throw new VaultError('key_service_unavailable', 'the keyring cannot be written', { cause, retryAfter: 5 });
}

function openVersion(root: Uint8Array, id: string, version: KeyVersion): Buffer {
  try {
    return openMessage(root, keyVersionContext(id, version.n), fromBase64(version.sealed));
  } catch (cause) {
    throw new VaultError('key_service_unavailable', 'a key does not open under this root key', { cause });
  }
}

function newEntry(root: SecretKey, id: string): KeyEntry {
  const key = randomBytes(32);
  const sealed = root.use((bytes) => sealMessage(bytes, keyVersionContext(id, 1), key));
  key.fill(0);
  const version = { n: 1, created: new Date().toISOString(), sealed: toBase64(sealed) };
  return { id, state: 'enabled', current: 1, versions: [version] };
}

/** A tenant's first key has an id that follows from the tenant's, so that a retry finds it: a UUIDv8 (RFC 9562). */
function uuidOf(tenant: string): string {
  const bytes = sha256('callvault/keyring@v1', tenant).subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
