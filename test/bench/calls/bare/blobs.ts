// Blobs of the bare minimum: a new file is synced, then linked to its name, then its folder is synced.
import { link, mkdir, open, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Writes a new blob so that it survives a loss of power. */
export async function putBlob(store: string, path: string, op: string, bytes: Uint8Array): Promise<void> {
  const [file, staging] = [join(store, path), join(store, '.staging', op)];
  const handle = await open(staging, 'wx', 0o600);
  await handle.writeFile(bytes);
  await handle.sync();
  await handle.close();
  const folder = dirname(file);
  const first = await mkdir(folder, { recursive: true, mode: 0o700 });
  for (let at = folder; first !== undefined && at.length >= first.length; at = dirname(at))
    await syncFolder(dirname(at));
  // Unlike a rename, it never replaces a blob.
  await link(staging, file);
  await unlink(staging);
  await syncFolder(folder);
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  await handle.sync();
  await handle.close();
}

/** Bytes of a blob from `start` to before `end`. */
export async function readBlob(store: string, path: string, start: number, end: number): Promise<Buffer> {
  const handle = await open(join(store, path), 'r');
  try {
    const bytes = Buffer.allocUnsafe(end - start);
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, start);
    return bytes.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** The same as a stream of one piece. */
export async function* pieceOfBlob(store: string, path: string, start: number, end: number): AsyncGenerator<Buffer> {
  yield await readBlob(store, path, start, end);
}
