// The relay's files on a real disk.
import { constants, type Dirent } from 'node:fs';
import { type FileHandle, link, lstat, open, readdir, rename, statfs, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Files, OpenFile, Unread, Version } from './ports.ts';

/** Folders below a watched one. */
const MAX_DEPTH = 8;
const PIECE_BYTES = 262_144;

/** A FIFO or a link that another user of the machine puts into a folder must neither block the relay nor lead it elsewhere. */
const READ = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Files of this machine. */
export const nodeFiles: Files = {
  list: (folder, unread) => listUnder({ top: folder, unread: unread ?? (() => undefined) }, '', 0),
  version: async (path) => {
    const found = await unlessMissing(lstat(path, { bigint: true }));
    return found?.isFile() ? versionOf(found) : null;
  },
  open: async (path) => {
    const file = await unlessMissing(open(path, READ));
    if (file === null) return null;
    const found = await file.stat({ bigint: true });
    if (found.isFile()) return openFile(file, versionOf(found));
    await file.close();
    return null;
  },
  create: async (path, bytes) => {
    const file = await open(path, 'wx', 0o600);
    try {
      for await (const piece of bytes) await file.writeFile(piece);
      await file.sync();
    } finally {
      await file.close();
    }
  },
  rename: (from, to) => rename(from, to),
  renameToFree: async (from, to) => {
    try {
      await link(from, to);
    } catch (error) {
      if (hasSystemCode(error, 'EEXIST', 'ENOENT')) return false;
      // File systems without hard links, and files of others (fs.protected_hardlinks).
      if (!hasSystemCode(error, 'EPERM', 'EACCES', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'ENOSYS')) throw error;
      if ((await unlessMissing(lstat(to))) !== null) return false;
      await rename(from, to);
      return true;
    }
    await unlink(from);
    return true;
  },
  remove: async (path) => {
    await unlessMissing(unlink(path));
  },
  syncFolder: async (folder) => {
    const file = await open(folder, constants.O_RDONLY);
    try {
      await file.sync();
    } finally {
      await file.close();
    }
  },
  freeBytes: async (folder) => {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  },
};

type Listing = { readonly top: string; readonly unread: Unread };

async function listUnder(of: Listing, below: string, depth: number): Promise<string[]> {
  const names: string[] = [];
  for (const entry of await entriesIn(of, below)) {
    const name = join(below, entry.name);
    if (entry.isFile()) names.push(name);
    else if (entry.isDirectory() && depth < MAX_DEPTH) names.push(...(await listUnder(of, name, depth + 1)));
    else if (entry.isDirectory()) of.unread(name, 'deep');
  }
  return names;
}

/** The folder itself must be readable. A subfolder that is not, such as `lost+found`, must not hide the others. */
async function entriesIn({ top, unread }: Listing, below: string): Promise<Dirent[]> {
  try {
    return await readdir(join(top, below), { withFileTypes: true });
  } catch (error) {
    if (below === '') throw error;
    // It was deleted meanwhile, unless its name is not UTF-8.
    const wasDeleted = hasSystemCode(error, 'ENOENT', 'ENOTDIR') && !below.includes('\uFFFD');
    if (!wasDeleted) unread(below, 'denied');
    return [];
  }
}

function openFile(file: FileHandle, version: Version): OpenFile {
  return {
    version,
    bytes: async function* () {
      for (let at = 0; ; ) {
        // New memory for each piece: a connection may keep several.
        const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(PIECE_BYTES), 0, PIECE_BYTES, at);
        if (bytesRead === 0) return;
        at += bytesRead;
        yield buffer.subarray(0, bytesRead);
      }
    },
    close: () => file.close(),
  };
}

function versionOf(found: { readonly ino: bigint; readonly size: bigint; readonly mtimeNs: bigint }): Version {
  return { inode: found.ino.toString(36), size: Number(found.size), modified: found.mtimeNs.toString(36) };
}

async function unlessMissing<T>(found: Promise<T>): Promise<T | null> {
  try {
    return await found;
  } catch (error) {
    // ELOOP: a symbolic link, which is no file of the PBX.
    if (hasSystemCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO')) return null;
    throw error;
  }
}

function hasSystemCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}
