// Opening of sealed objects: what whole reads and ranges share, and the whole read.
import { createHash } from 'node:crypto';
import { hasCode } from '../errors.ts';
import { type ByteCursor, byteCursor } from './byte-cursor.ts';
import { type MessageKeys, notAuthentic, openChunk, openHeader } from './cobblestone.ts';
import { checkHead, type ObjectIdentity, partContext, type StoredObject } from './object.ts';
import type { SecretKey } from './secret-key.ts';
import { CHUNK, HEADER, partCount, partSize, SEALED_CHUNK, TAG } from './sizes.ts';

/** Opens the header of a part after comparing it with the row. */
export function openPart(object: StoredObject, key: SecretKey, part: number, header: Uint8Array): MessageKeys {
  checkHead(object, part, header);
  return key.use((bytes) => openHeader(bytes, partContext(object, part), header));
}

/** Whether a header is authentic for this part, of whichever sealing. */
export function isSealingOf(id: ObjectIdentity, key: SecretKey, part: number, header: Uint8Array): boolean {
  try {
    key.use((bytes) => openHeader(bytes, partContext(id, part), header)).end();
    return true;
  } catch (error) {
    if (hasCode(error, 'integrity')) return false;
    throw error;
  }
}

/** What chunks need of their object: its plaintext bytes. */
type Sized = Pick<StoredObject, 'size'>;

/** Index of the last, short chunk of a part, from the row's length. */
export function lastChunk(object: Sized, part: number): number {
  return Math.floor(partSize(object.size, part) / CHUNK);
}

/** Sealed size of a chunk, from the row's length. A shorter chunk may be authentic and is still wrong. */
export function sealedChunkLength(object: Sized, part: number, chunk: number): number {
  return chunk < lastChunk(object, part) ? SEALED_CHUNK : (partSize(object.size, part) % CHUNK) + TAG;
}

/** Consecutive chunks that arrived together, each copied to separate memory. */
export type ChunkBatch = readonly Buffer[];

/** Maximum run length in chunks. Waiting for each chunk is slow; a run of a whole object would fill memory. */
const MAX_BATCH_CHUNKS = 16;

/**
 * Opens chunks `from` to `through` of a part, run by run; a run ends where the stream has no more bytes ready. Throws
 * `integrity` where a chunk is not authentic or ends early, and then yields nothing of its run.
 */
export async function* openChunks(
  cursor: ByteCursor,
  object: Sized,
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
 * Opens a whole stored object. It ends only after a short last chunk of a short last part, with nothing after it and a
 * matching `heads`; anything else throws `integrity` after zero or more authentic runs in order.
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
