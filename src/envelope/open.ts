// Opening an object: what whole reads and ranges share, and the whole read.
import { createHash } from 'node:crypto';
import { hasCode } from '../errors.ts';
import { type ByteCursor, byteCursor } from './byte-cursor.ts';
import { type MessageKeys, notAuthentic, openChunk, openHeader } from './cobblestone.ts';
import { checkHead, type ObjectIdentity, partContext, type StoredObject } from './object.ts';
import type { SecretKey } from './secret-key.ts';
import { CHUNK, HEADER, partCount, partSize, SEALED_CHUNK, TAG } from './sizes.ts';

/** Opens the header of a part after comparing it with what the row knows. */
export function openPart(object: StoredObject, key: SecretKey, part: number, header: Uint8Array): MessageKeys {
  checkHead(object, part, header);
  return key.use((bytes) => openHeader(bytes, partContext(object, part), header));
}

/** Whether a header is an authentic one of this part, whichever sealing it is of. */
export function isSealingOf(id: ObjectIdentity, key: SecretKey, part: number, header: Uint8Array): boolean {
  try {
    key.use((bytes) => openHeader(bytes, partContext(id, part), header)).end();
    return true;
  } catch (error) {
    if (hasCode(error, 'integrity')) return false;
    throw error;
  }
}

/** The last chunk of a part: the short one, by the row's length. */
export function lastChunk(object: StoredObject, part: number): number {
  return Math.floor(partSize(object.size, part) / CHUNK);
}

/** Sealed bytes of a chunk, by the row's length. What is shorter than that may be authentic, and is still wrong. */
export function sealedChunkLength(object: StoredObject, part: number, chunk: number): number {
  return chunk < lastChunk(object, part) ? SEALED_CHUNK : (partSize(object.size, part) % CHUNK) + TAG;
}

/** Chunks that lay ready together, in order, each in memory of its own. */
export type ChunkBatch = readonly Buffer[];

/** The longest run: with each one somebody waits for, opening is slower; with all of an object it would fill memory. */
const MAX_BATCH_CHUNKS = 16;

/**
 * Chunks `from` to `through` of a part, run by run: a run ends where the stream has to be waited for. Throws `integrity`
 * where one is not authentic or ends too early; the run it would have been in is not handed out.
 */
export async function* openChunks(
  cursor: ByteCursor,
  object: StoredObject,
  message: MessageKeys,
  part: number,
  from: number,
  through: number,
): AsyncGenerator<ChunkBatch, void, undefined> {
  let run: Buffer[] = [];
  for (let chunk = from; chunk <= through; chunk++) {
    const length = sealedChunkLength(object, part, chunk);
    let sealed = run.length < MAX_BATCH_CHUNKS ? cursor.ready(length) : null;
    if (sealed === null) {
      if (run.length > 0) yield run;
      run = [];
      sealed = await cursor.take(length);
    }
    if (sealed.length !== length) throw notAuthentic();
    run.push(openChunk(message, chunk, sealed));
  }
  yield run;
}

/**
 * The whole plaintext of a stored object. It ends only after a short last chunk of a short last part, with nothing
 * after it and `heads` agreeing; anything else throws `integrity` after zero or more authentic runs in order.
 */
export async function* openObject(
  source: AsyncIterable<Uint8Array>,
  key: SecretKey,
  object: StoredObject,
): AsyncGenerator<ChunkBatch, void, undefined> {
  const cursor = byteCursor(source);
  const heads = createHash('sha256');
  try {
    for (let part = 0; part < partCount(object.size); part++) {
      const header = Buffer.from(await cursor.take(HEADER));
      const message = openPart(object, key, part, header);
      heads.update(header);
      try {
        yield* openChunks(cursor, object, message, part, 0, lastChunk(object, part));
      } finally {
        message.end();
      }
    }
    if (!(await cursor.atEnd()) || Buffer.compare(heads.digest(), object.heads) !== 0) throw notAuthentic();
  } finally {
    await cursor.close();
  }
}
