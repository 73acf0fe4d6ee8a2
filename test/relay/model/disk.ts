// A disk in memory that loses unsynced bytes and names when the power fails, and a PBX that writes to it.
import type { Files, OpenFile, Version } from '../../../src/relay/ports.ts';

/** A killed process: none of its calls goes on. */
export class Killed extends Error {}

type Inode = { data: Buffer; synced: Buffer | null; modified: number };
/** A change of names that is not on the disk yet. */
type Pending = { readonly removed: string | null; readonly added: string | null; readonly inode: number };

export type Disk = ReturnType<typeof newDisk>;

/** `chance`: from 0 to 1, decides what survives when the power fails. */
export function newDisk(chance: () => number) {
  const inodes = new Map<number, Inode>();
  let names = new Map<string, number>();
  const durable = new Map<string, number>();
  let pending: Pending[] = [];
  let [next, ticks] = [1, 1_000_000_000];
  const touch = (): number => (ticks += 1_000_000);

  const change = (removed: string | null, added: string | null, inode: number): void => {
    if (removed !== null) names.delete(removed);
    if (added !== null) names.set(added, inode);
    pending.push({ removed, added, inode });
  };
  const apply = (to: Map<string, number>, { removed, added, inode }: Pending): void => {
    // The PBX may have written another file under this name since.
    if (removed !== null && to.get(removed) === inode) to.delete(removed);
    if (added !== null) to.set(added, inode);
  };
  const inFolder = (path: string | null, folder: string): boolean => path !== null && folderOf(path) === folder;
  const fileAt = (path: string): Inode | null => inodes.get(names.get(path) ?? 0) ?? null;

  return {
    /** The PBX writes a file, which is on the disk at once: what it loses itself is none of the relay's business. */
    write: (path: string, data: Buffer): void => {
      const inode = next++;
      inodes.set(inode, { data, synced: data, modified: touch() });
      names.set(path, inode);
      durable.set(path, inode);
    },
    /** The PBX writes more to a file that it has open, by whatever name it has now. */
    append: (path: string, more: Buffer): void => {
      const file = fileAt(path);
      if (file === null) return;
      file.data = Buffer.concat([file.data, more]);
      file.synced = file.data;
      file.modified = touch();
    },
    paths: (): string[] => [...names.keys()].sort(),
    read: (path: string): Buffer | null => fileAt(path)?.data ?? null,
    /** Contents of the files under a folder that survive any loss of power now. */
    durableUnder: (folder: string): Buffer[] =>
      [...names].flatMap(([path, inode]) => {
        if (!path.startsWith(`${folder}/`) || durable.get(path) !== inode) return [];
        const data = inodes.get(inode)?.synced ?? null;
        return data === null ? [] : [data];
      }),
    /** Each unsynced change of names survives or not, unless an earlier one of the same name or file was lost. */
    losePower: (): void => {
      const lost = new Set<string | number>();
      for (const one of pending) {
        const touched = [one.removed, one.added, one.inode].filter((key) => key !== null);
        if (touched.some((key) => lost.has(key)) || chance() < 0.5) for (const key of touched) lost.add(key);
        else apply(durable, one);
      }
      pending = [];
      names = new Map(durable);
      for (const file of inodes.values()) {
        file.data = file.synced ?? file.data.subarray(0, Math.floor(chance() * file.data.length));
        file.synced = file.data;
      }
    },
    /** `step` runs before each effect and may throw. `free`: bytes that can still be written. */
    files: (step: (name: string, path: string) => Promise<void>, free: () => number): Files => {
      const version = (path: string): Version | null => {
        const file = fileAt(path);
        if (file === null) return null;
        const inode = (names.get(path) ?? 0).toString(36);
        return { inode, size: file.data.length, modified: file.modified.toString(36) };
      };
      return {
        list: async (folder) => {
          await step('list', folder);
          return [...names.keys()].flatMap((path) =>
            path.startsWith(`${folder}/`) ? [path.slice(folder.length + 1)] : [],
          );
        },
        version: async (path) => {
          await step('version', path);
          return version(path);
        },
        open: async (path) => {
          await step('open', path);
          const file = fileAt(path);
          const at = version(path);
          if (file === null || at === null) return null;
          return openFile(file, at, () => step('read', path));
        },
        create: async (path, bytes) => {
          await step('create', path);
          const inode = next++;
          const file: Inode = { data: Buffer.alloc(0), synced: null, modified: touch() };
          inodes.set(inode, file);
          change(null, path, inode);
          for await (const piece of bytes) {
            await step('write', path);
            if (piece.length > free()) throw Object.assign(new Error(), { code: 'ENOSPC' });
            file.data = Buffer.concat([file.data, piece]);
            file.modified = touch();
          }
          await step('sync', path);
          file.synced = file.data;
        },
        rename: async (from, to) => {
          await step('rename', from);
          const inode = names.get(from);
          if (inode === undefined) throw Object.assign(new Error(), { code: 'ENOENT' });
          change(from, to, inode);
        },
        renameToFree: async (from, to) => {
          await step('rename to free', from);
          const inode = names.get(from);
          if (inode === undefined || names.has(to)) return false;
          change(from, to, inode);
          return true;
        },
        remove: async (path) => {
          await step('remove', path);
          const inode = names.get(path);
          if (inode !== undefined) change(path, null, inode);
        },
        syncFolder: async (folder) => {
          await step('sync folder', folder);
          const kept: Pending[] = [];
          // What it depends on goes to the disk with it.
          const last = pending.findLastIndex(
            ({ removed, added }) => inFolder(removed, folder) || inFolder(added, folder),
          );
          for (const [n, one] of pending.entries()) n <= last ? apply(durable, one) : kept.push(one);
          pending = kept;
        },
        freeBytes: async (folder) => {
          await step('free', folder);
          return free();
        },
      };
    },
  };
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}

function openFile(file: Inode, version: Version, step: () => Promise<void>): OpenFile {
  return {
    version,
    bytes: async function* () {
      for (let at = 0; at < file.data.length; ) {
        await step();
        const piece = file.data.subarray(at, at + 16);
        at += piece.length;
        yield piece;
      }
    },
    close: async () => undefined,
  };
}
