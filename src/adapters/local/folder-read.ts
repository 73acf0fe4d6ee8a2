// Reads of the folder store: short ranges in one go in a thread, long ones as streams.
import { createReadStream } from 'node:fs';
import { keepPartBuffer, MAX_FIRST_BUFFER, takePartBuffer } from '../../envelope/part-buffers.ts';
import { VaultError } from '../../errors.ts';
import { readRangeInThread } from './file-threads.ts';
import { fileCode } from './files.ts';

/** The bytes of a file from `start` to before `end`. Throws `blob_missing` or `store_unavailable`. */
export async function* readFolderBlob(
  find: () => string,
  start: number,
  end: number,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const file = find();
  if (end <= start) return;
  try {
    if (end - start <= MAX_FIRST_BUFFER) yield* readAtOnce(file, start, end, signal);
    else yield* readStream(file, start, end, signal);
  } catch (cause) {
    if (fileCode(cause) === 'ENOENT') throw new VaultError('blob_missing', 'the blob is not there', { cause });
    throw toStoreError(cause);
  }
}

async function* readAtOnce(file: string, start: number, end: number, signal: AbortSignal): AsyncGenerator<Buffer> {
  signal.throwIfAborted();
  const buffer = takePartBuffer(end - start, true);
  try {
    const length = await readRangeInThread({ file, start, into: buffer.subarray(0, end - start) });
    signal.throwIfAborted();
    if (length > 0) yield buffer.subarray(0, length);
  } finally {
    keepPartBuffer(buffer);
  }
}

async function* readStream(file: string, start: number, end: number, signal: AbortSignal): AsyncGenerator<Buffer> {
  const stream = createReadStream(file, { start, end: end - 1, highWaterMark: 262_144, signal });
  try {
    for await (const piece of stream) yield piece as Buffer;
  } finally {
    stream.destroy();
  }
}

/** Errors of the file system as `store_unavailable`; any other error unchanged. */
export function toStoreError(cause: unknown): unknown {
  if (cause instanceof VaultError || fileCode(cause) === undefined) return cause;
  return new VaultError('store_unavailable', 'the object store cannot be used', { cause, retryAfter: 5 });
}
