// Key wrapping without a key service: under a version of a keyring's key, or under a tenant KEK.
import { info } from '../bytes/derivation.ts';
import { notAuthentic } from './cobblestone.ts';
import type { KeyContext } from './key-context.ts';
import { freshSalt, openMessage, sealMessage } from './message.ts';

/** The context under which the root key seals version `n` of key `id` in keyring.json. */
export function keyVersionContext(id: string, n: number): Buffer {
  return info('callvault/keyring@v1', id, String(n));
}

function wrapContext(context: KeyContext): Buffer {
  const names = Object.keys(context).sort();
  return info('callvault/wrap@v1', ...names.flatMap((name) => [name, context[name] ?? '']));
}

/** Wraps a data key under version `n` of a key: uint32be(n), then the sealed data key. Only tests pass the salt. */
export function wrapLocally(
  kek: Uint8Array,
  n: number,
  context: KeyContext,
  key: Uint8Array,
  salt = freshSalt(),
): Buffer {
  const version = Buffer.alloc(4);
  version.writeUInt32BE(n);
  return Buffer.concat([version, sealMessage(kek, wrapContext(context), key, salt)]);
}

/** The version of the key that wrapped these bytes. Throws `integrity` where there is none. */
export function wrappingVersion(wrapped: Uint8Array): number {
  if (wrapped.length < 4) throw notAuthentic();
  return new DataView(wrapped.buffer, wrapped.byteOffset).getUint32(0);
}

/** Unwraps a data key. Throws `integrity` for another key, version or context. */
export function unwrapLocally(kek: Uint8Array, context: KeyContext, wrapped: Uint8Array): Buffer {
  return openMessage(kek, wrapContext(context), wrapped.subarray(4));
}
