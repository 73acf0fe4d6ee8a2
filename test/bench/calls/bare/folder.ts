// Blobs of the bare minimum in a folder: a new file is synced, then linked to its name, then its folder is synced.
import { mkdirSync } from 'node:fs';
import { link, mkdir, open, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Blobs } from './blobs.ts';

/** Opens the folder. */
export function openFolderBlobs(store: string): Blobs {
  mkdirSync(join(store, '.staging'), { recursive: true });
  return {
    put: (path, op, bytes) => putBlob(join(store, path), join(store, '.staging', op), bytes),
    read: (path, start, end) => readBlob(join(store, path), start, end),
  };
}

async function putBlob(file: string, staging: string, bytes: Uint8Array): Promise<void> {
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

async function* readBlob(file: string, start: number, end: number): AsyncGenerator<Buffer> {
  const handle = await open(file, 'r');
  try {
    const bytes = Buffer.allocUnsafe(end - start);
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, start);
    yield bytes.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
