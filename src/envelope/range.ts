// Range reader over a stored object: bytes to parts to chunks, one ranged fetch per contiguous run.
import { VaultError } from '../errors.ts';
import { byteCursor } from './byte-cursor.ts';
import { notAuthentic, openChunk } from './cobblestone.ts';
import type { StoredObject } from './object.ts';
import { type ChunkBatch, lastChunk, openChunks, openPart } from './open.ts';
import type { SecretKey } from './secret-key.ts';
import { CHUNK, chunkOffset, HEADER, PART, partCount, SEALED_CHUNK, SEALED_PART, sealedObjectSize } from './sizes.ts';

/** Fetches stored bytes from `start` to before `end`. May throw the store's errors; the reader rejects a short answer. */
export type FetchRange = (start: number, end: number) => AsyncIterable<Uint8Array>;

/** Reads ranges of one object while its key is lent. */
export type ObjectReader = {
  /** Plaintext bytes from `start` to before `end`, both inside the object. Each byte is authentic. */
  readonly range: (start: number, end: number) => AsyncGenerator<ChunkBatch, void, undefined>;
};

/** What a reader has proven of an object: readers of the same object under the same key may share it. */
export type ReaderFindings = {
  /** Whether the object's last chunk was opened, which proves the row's length. */
  lengthProven: boolean;
  /** The header of an object of one part, which opened that chunk. */
  header: Buffer | null;
};

/** Nothing found out yet. */
export function noFindings(): ReaderFindings {
  return { lengthProven: false, header: null };
}

/**
 * A reader over a stored object. Its first range also opens the object's last chunk, which proves the row's length
 * before anyone relies on a total, unless an earlier reader with the same findings did. Throws `range_not_satisfiable`,
 * `integrity`, or what `fetch` throws.
 */
export function openReader(
  object: StoredObject,
  key: SecretKey,
  fetch: FetchRange,
  findings: ReaderFindings = noFindings(),
): ObjectReader {
  if (object.headers === null && partCount(object.size) > 1) {
    throw new VaultError('internal', 'ranges of an object with several parts need its headers');
  }
  let single: Buffer | null = null;

  const headerOf = async (part: number): Promise<Uint8Array> => {
    if (object.headers !== null) return object.headers.subarray(part * HEADER, (part + 1) * HEADER);
    single ??= findings.header ?? (await readAll(fetch(0, HEADER), HEADER));
    return single;
  };

  const proveLength = async (): Promise<void> => {
    if (findings.lengthProven) return;
    const part = partCount(object.size) - 1;
    const chunk = lastChunk(object, part);
    const start = chunkOffset(part, chunk);
    const message = openPart(object, key, part, await headerOf(part));
    try {
      const end = sealedObjectSize(object.size);
      openChunk(message, chunk, await readAll(fetch(start, end), end - start));
    } finally {
      message.end();
    }
    findings.lengthProven = true;
    findings.header = single;
  };

  return {
    async *range(start, end) {
      const whole = Number.isSafeInteger(start) && Number.isSafeInteger(end);
      if (!(whole && start >= 0 && start < end && end <= object.size)) {
        throw new VaultError('range_not_satisfiable', 'the range exceeds the object');
      }
      await proveLength();
      const first = { part: Math.floor(start / PART), chunk: Math.floor((start % PART) / CHUNK) };
      const last = { part: Math.floor((end - 1) / PART), chunk: Math.floor(((end - 1) % PART) / CHUNK) };
      // The run contains the header if it begins with a part's first chunk; else it comes from the row, or one fetch.
      const from = first.chunk === 0 ? first.part * SEALED_PART : chunkOffset(first.part, first.chunk);
      const to = Math.min(chunkOffset(last.part, last.chunk) + SEALED_CHUNK, sealedObjectSize(object.size));
      const firstHeader = first.chunk === 0 ? null : await headerOf(first.part);
      const cursor = byteCursor(fetch(from, to));
      let skip = start - (first.part * PART + first.chunk * CHUNK);
      let left = end - start;
      try {
        for (let part = first.part; part <= last.part; part++) {
          const header = part === first.part && firstHeader !== null ? firstHeader : await cursor.take(HEADER);
          const message = openPart(object, key, part, header);
          const fromChunk = part === first.part ? first.chunk : 0;
          const through = part === last.part ? last.chunk : lastChunk(object, part);
          try {
            for await (const run of openChunks(cursor, object, message, part, fromChunk, through)) {
              yield run.map((chunk) => {
                const slice = chunk.subarray(skip, skip + left);
                skip = 0;
                left -= slice.length;
                return slice;
              });
            }
          } finally {
            message.end();
          }
        }
        if (left !== 0) throw notAuthentic();
      } finally {
        await cursor.close();
      }
    },
  };
}

async function readAll(source: AsyncIterable<Uint8Array>, length: number): Promise<Buffer> {
  const cursor = byteCursor(source);
  try {
    const bytes = await cursor.take(length);
    if (bytes.length !== length) throw notAuthentic();
    return Buffer.from(bytes);
  } finally {
    await cursor.close();
  }
}
