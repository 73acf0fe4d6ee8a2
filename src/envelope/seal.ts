// Streaming sealer: plaintext in, sealed parts out.
import { VaultError } from '../errors.ts';
import { deriveMessageKeys, type MessageKeys, sealChunk } from './cobblestone.ts';
import { freshSalt } from './message.ts';
import { type ObjectIdentity, partContext } from './object.ts';
import { keepPartBuffer, MAX_FIRST_BUFFER, takePartBuffer } from './part-buffers.ts';
import type { SecretKey } from './secret-key.ts';
import { CHUNK, MAX_PARTS, PART, sealedMessageSize, TAG } from './sizes.ts';

/** One sealed part: the unit of upload, retry and resume. */
export type SealedPart = {
  /** From 0. */
  readonly number: number;
  /** The message. Its memory is reused when the next part is requested: retries must happen before that. */
  readonly sealed: Buffer;
  readonly header: Buffer;
  /** Plaintext bytes: 8 MiB, fewer in the last part. */
  readonly size: number;
  readonly last: boolean;
};

/** Where sealing begins, the source of salts (tests only), the length, and whether buffers return to the pool. */
export type SealOptions = {
  readonly firstPart?: number;
  readonly salt?: (part: number) => Buffer;
  /** Declared plaintext length: up to 1 MiB, the first buffer has room for all of it. */
  readonly length?: number | null;
  /** Whether the consumer never uses a part's memory after its call: then the next object may reuse it. */
  readonly releasesBuffer?: boolean;
};

/**
 * Seals a stream of any length. Each part is sealed chunk by chunk into one buffer, with a new salt at every attempt.
 * An error of the source ends the stream. Throws `body_too_large` beyond 10,000 parts.
 */
export function sealObject(
  source: AsyncIterable<Uint8Array>,
  key: SecretKey,
  identity: ObjectIdentity,
  options: SealOptions = {},
): AsyncGenerator<SealedPart, void, undefined> {
  return sealParts(source, key, (part) => partContext(identity, part), options);
}

/** The same under any context of each part, by its number. */
export async function* sealParts(
  source: AsyncIterable<Uint8Array>,
  key: SecretKey,
  context: (part: number) => Buffer,
  { firstPart = 0, salt = freshSalt, length = null, releasesBuffer: letsGo = false }: SealOptions = {},
): AsyncGenerator<SealedPart, void, undefined> {
  const carry = Buffer.alloc(CHUNK);
  let carried = 0;
  // Buffers are not zeroed: only written bytes leave them.
  let buffer = firstBuffer(length, letsGo);
  let part = beginPart(key, context, firstPart, salt);
  let filled = part.message.header.copy(buffer);

  const seal = (plaintext: Uint8Array): void => {
    const needed = filled + plaintext.length + TAG;
    if (needed > buffer.length) {
      const grown = takePartBuffer(needed, letsGo);
      buffer.copy(grown, 0, 0, filled);
      if (letsGo) keepPartBuffer(buffer);
      buffer = grown;
    }
    filled += sealChunk(part.message, part.chunks++, plaintext, buffer, filled);
    part.size += plaintext.length;
  };
  const finish = (rest: Uint8Array, last: boolean): SealedPart => {
    seal(rest);
    part.message.end();
    const { number, size } = part;
    return { number, sealed: buffer.subarray(0, filled), header: part.message.header, size, last };
  };

  try {
    for await (const piece of source) {
      for (let at = 0; at < piece.length; ) {
        if (carried === 0 && piece.length - at >= CHUNK) {
          seal(piece.subarray(at, at + CHUNK));
          at += CHUNK;
        } else {
          const taken = Math.min(CHUNK - carried, piece.length - at);
          carry.set(piece.subarray(at, at + taken), carried);
          carried += taken;
          at += taken;
          if (carried < CHUNK) continue;
          seal(carry);
          carried = 0;
        }
        if (part.size < PART) continue;
        yield finish(carry.subarray(0, 0), false);
        part = beginPart(key, context, part.number + 1, salt);
        filled = part.message.header.copy(buffer);
      }
    }
    yield finish(carry.subarray(0, carried), true);
    // Only after the last part's upload has ended: an aborted upload may still be reading its buffer.
    if (letsGo) keepPartBuffer(buffer);
  } finally {
    part.message.end();
    carry.fill(0);
  }
}

function firstBuffer(length: number | null, letsGo: boolean): Buffer {
  const needed = Math.min(sealedMessageSize(length ?? 0), MAX_FIRST_BUFFER);
  return letsGo || length === null ? takePartBuffer(needed, letsGo) : Buffer.allocUnsafeSlow(needed);
}

type OpenPart = { readonly number: number; readonly message: MessageKeys; chunks: number; size: number };

function beginPart(
  key: SecretKey,
  context: (part: number) => Buffer,
  number: number,
  salt: (part: number) => Buffer,
): OpenPart {
  if (number >= MAX_PARTS) throw new VaultError('body_too_large', `an object has at most ${MAX_PARTS} parts`);
  const message = key.use((bytes) => deriveMessageKeys(bytes, context(number), salt(number)));
  return { number, message, chunks: 0, size: 0 };
}
