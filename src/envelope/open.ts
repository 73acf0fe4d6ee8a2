// Opening an object: what whole reads and ranges share, and the whole read.
import { createHash } from 'node:crypto';
import { byteCursor } from './byte-cursor.ts';
import { type Message, openChunk, openHeader, refused } from './cobblestone.ts';
import { checkHead, partContext, type StoredObject } from './object.ts';
import type { SecretKey } from './secret-key.ts';
import { CHUNK, HEADER, partCount, partSize, SEALED_CHUNK, TAG } from './sizes.ts';

/** Opens the header of a part after comparing it with what the row knows. */
export function openPart(object: StoredObject, key: SecretKey, part: number, header: Uint8Array): Message {
  checkHead(object, part, header);
  return key.use((bytes) => openHeader(bytes, partContext(object, part), header));
}

/** The last chunk of a part: the short one, by the row's length. */
export function lastChunk(object: StoredObject, part: number): number {
  return Math.floor(partSize(object.size, part) / CHUNK);
}

/** Sealed bytes of a chunk, by the row's length. What is shorter than that may be authentic, and is still wrong. */
export function sealedChunkLength(object: StoredObject, part: number, chunk: number): number {
  return chunk < lastChunk(object, part) ? SEALED_CHUNK : (partSize(object.size, part) % CHUNK) + TAG;
}

/**
 * The whole plaintext of a stored object. It ends only after a short last chunk of a short last part, with nothing
 * after it and `heads` agreeing; anything else throws `integrity` after zero or more authentic pieces in order. A piece
 * is a chunk in memory of its own: gathering chunks into larger buffers costs a fifth of the speed.
 */
export async function* openObject(
  source: AsyncIterable<Uint8Array>,
  key: SecretKey,
  object: StoredObject,
): AsyncGenerator<Buffer, void, undefined> {
  const cursor = byteCursor(source);
  const heads = createHash('sha256');
  try {
    for (let part = 0; part < partCount(object.size); part++) {
      const header = Buffer.from(await cursor.take(HEADER));
      const message = openPart(object, key, part, header);
      heads.update(header);
      try {
        const last = lastChunk(object, part);
        for (let chunk = 0; chunk <= last; chunk++) {
          const length = sealedChunkLength(object, part, chunk);
          const sealed = cursor.ready(length) ?? (await cursor.take(length));
          if (sealed.length !== length) throw refused();
          const plaintext = openChunk(message, chunk, sealed);
          if (plaintext.length > 0) yield plaintext;
        }
      } finally {
        message.end();
      }
    }
    if (!(await cursor.atEnd()) || Buffer.compare(heads.digest(), object.heads) !== 0) throw refused();
  } finally {
    await cursor.close();
  }
}
