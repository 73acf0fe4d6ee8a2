// Sealing an object as a stream: plaintext in, one sealed part after another out.
import { VaultError } from '../errors.ts';
import { deriveMessageKeys, type MessageKeys, sealChunk } from './cobblestone.ts';
import { freshSalt } from './message.ts';
import { type ObjectIdentity, partContext } from './object.ts';
import type { SecretKey } from './secret-key.ts';
import { CHUNK, MAX_PARTS, PART, SEALED_CHUNK, SEALED_PART, TAG } from './sizes.ts';

/** One sealed part: the unit of upload, of retry and of continue-upload. */
export type SealedPart = {
  /** From 0. */
  readonly number: number;
  /** The message. The memory is used again once the next part is asked for: a retry resends it before that. */
  readonly sealed: Buffer;
  readonly header: Buffer;
  /** Plaintext bytes: 8 MiB, in the last part fewer. */
  readonly size: number;
  readonly last: boolean;
};

/** Where sealing begins, (in tests only) where salts come from, and whose the memory is afterwards. */
export type SealOptions = {
  readonly firstPart?: number;
  readonly salt?: (part: number) => Buffer;
  /** Whether whoever takes a part lets go of its memory for good: then the next object may have it. */
  readonly releasesBuffer?: boolean;
};

/** What a part is sealed into grows from 256 KiB over 1 MiB to a whole part, unzeroed: only written bytes leave it. */
const BUFFERS = [16 * SEALED_CHUNK, 64 * SEALED_CHUNK] as const;

/**
 * Seals a stream of any length. Each part is sealed chunk by chunk into one buffer, with a fresh salt at every attempt.
 * An error of the source passes through and nothing follows it. Throws `body_too_large` beyond 10,000 parts.
 */
export async function* sealObject(
  source: AsyncIterable<Uint8Array>,
  key: SecretKey,
  identity: ObjectIdentity,
  { firstPart = 0, salt = freshSalt, releasesBuffer: letsGo = false }: SealOptions = {},
): AsyncGenerator<SealedPart, void, undefined> {
  const carry = Buffer.alloc(CHUNK);
  let carried = 0;
  let buffer = Buffer.allocUnsafeSlow(BUFFERS[0]);
  let part = beginPart(key, identity, firstPart, salt);
  let filled = part.message.header.copy(buffer);

  const seal = (plaintext: Uint8Array): void => {
    const needed = filled + plaintext.length + TAG;
    if (needed > buffer.length) {
      const grown = buffer.length === BUFFERS[0] ? Buffer.allocUnsafeSlow(BUFFERS[1]) : partBuffer(letsGo);
      buffer.copy(grown, 0, 0, filled);
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
        part = beginPart(key, identity, part.number + 1, salt);
        filled = part.message.header.copy(buffer);
      }
    }
    yield finish(carry.subarray(0, carried), true);
    // Only here, where the last part's upload is known to be over: one that was given up may still be reading.
    if (letsGo && buffer.length === SEALED_PART && spare.length < SPARE) spare.push(buffer);
  } finally {
    part.message.end();
    carry.fill(0);
  }
}

/** Part buffers of finished objects, for the next ones: fresh memory of that size costs a tenth of the speed. */
const spare: Buffer<ArrayBuffer>[] = [];
const SPARE = 2;

function partBuffer(letsGo: boolean): Buffer<ArrayBuffer> {
  return (letsGo ? spare.pop() : undefined) ?? Buffer.allocUnsafeSlow(SEALED_PART);
}

type OpenPart = { readonly number: number; readonly message: MessageKeys; chunks: number; size: number };

function beginPart(key: SecretKey, id: ObjectIdentity, number: number, salt: (part: number) => Buffer): OpenPart {
  if (number >= MAX_PARTS) throw new VaultError('body_too_large', `an object has at most ${MAX_PARTS} parts`);
  const message = key.use((bytes) => deriveMessageKeys(bytes, partContext(id, number), salt(number)));
  return { number, message, chunks: 0, size: 0 };
}
