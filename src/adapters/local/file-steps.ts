// The steps of one blob of the folder store, synchronous: only the store's threads run them.
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileCode } from './files.ts';

/** A new blob: its bytes, its staging file, and its final file. */
export type NewFile = { readonly staging: string; readonly file: string; readonly bytes: Uint8Array };

/** A range of a file: from `start`, as many bytes as `into` has. */
export type FileRange = { readonly file: string; readonly start: number; readonly into: Uint8Array };

/**
 * Writes and syncs the staging file, links it to its name, and syncs the folder. False where another operation's blob
 * has the name. Nothing else of the staging folder is synced: after a power loss a leftover name in it is an upload
 * that is swept, and a lost one is an upload that does not exist.
 */
export function createFile({ staging, file, bytes }: NewFile): boolean {
  writeStaging(staging, bytes);
  const ours = withFolder(file, () => linkStaging(staging, file));
  removeFile(staging);
  // Sealed bytes begin with a random salt: equal bytes mean that this operation's answer was lost.
  if (!ours && !readFileSync(file).equals(bytes)) return false;
  syncFolder(dirname(file));
  return true;
}

/** Reads a range and returns how many bytes there were. */
export function readFileRange({ file, start, into }: FileRange): number {
  const handle = openSync(file, 'r');
  try {
    let filled = 0;
    while (filled < into.length) {
      const got = readSync(handle, into, filled, into.length - filled, start + filled);
      if (got === 0) break;
      filled += got;
    }
    return filled;
  } finally {
    closeSync(handle);
  }
}

function writeStaging(staging: string, bytes: Uint8Array): void {
  const handle = withFolder(staging, () => openNew(staging));
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(handle, bytes, at, bytes.length - at, at);
    fsyncSync(handle);
  } catch (error) {
    removeFile(staging);
    throw error;
  } finally {
    closeSync(handle);
  }
}

/** Replaces an incomplete file that an earlier attempt of the same operation left. */
function openNew(path: string): number {
  try {
    return openSync(path, 'wx', 0o600);
  } catch (error) {
    if (fileCode(error) !== 'EEXIST') throw error;
    removeFile(path);
    return openSync(path, 'wx', 0o600);
  }
}

/** False where the name is taken by another file. */
function linkStaging(staging: string, file: string): boolean {
  try {
    linkSync(staging, file);
    return true;
  } catch (error) {
    if (fileCode(error) !== 'EEXIST') throw error;
    return statSync(staging).ino === statSync(file).ino;
  }
}

/** Removes a file; a missing one is not an error. `rmSync` would look at it first. */
function removeFile(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (fileCode(error) !== 'ENOENT') throw error;
  }
}

/** Most folders exist: a missing one is created, each of its names durable, and the step repeated. */
function withFolder<T>(path: string, step: () => T): T {
  try {
    return step();
  } catch (error) {
    if (fileCode(error) !== 'ENOENT') throw error;
    makeFolder(dirname(path));
    return step();
  }
}

function makeFolder(folder: string): void {
  const first = mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  const top = resolve(first);
  for (let at = resolve(folder); at.length >= top.length; at = dirname(at)) syncFolder(dirname(at));
}

function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
