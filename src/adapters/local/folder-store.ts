// Object store in a folder, one file per blob, for one machine.
import { link, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SEALED_PART } from '../../envelope/sizes.ts';
import { VaultError } from '../../errors.ts';
import { isBlobName } from '../../model/blob-name.ts';
import type { StoreLocation } from '../../model/tenant.ts';
import type { ListedUpload, ObjectStore, OpenUpload } from '../../ports/object-store.ts';
import { createFileInThread } from './file-threads.ts';
import { fileCode, makeFolder, syncFolder } from './files.ts';
import { listFiles, namesIn, statOf } from './folder-list.ts';
import { readFolderBlob, toStoreError } from './folder-read.ts';
import { removeStaleReplacements, replaceFile, tagOf } from './folder-replace.ts';

const STAGING = '.staging';
/** Prefix of the staging file of a replacement. It is listed and aborted like an upload. */
const REPLACE_PREFIX = 'replace-';

/**
 * A store over the folder `root`. It writes bytes to a staging file named by the operation's nonce, syncs it, and links
 * it to its final name, which fails where that exists. Part n of an upload is at offset n × 8,396,872. There are no
 * versions.
 */
export function folderStore(root: string): ObjectStore {
  const fileOf = (location: StoreLocation, path: string): string => {
    if (!isBlobName(path)) throw new VaultError('malformed', 'not a blob name');
    return join(root, location.prefix, path);
  };
  const stagingOf = (location: StoreLocation, upload: OpenUpload): string => {
    if (!isBlobName(upload.uploadId) || !isBlobName(upload.path)) throw new VaultError('malformed', 'not an upload');
    return join(root, location.prefix, STAGING, `${upload.uploadId}~${Buffer.from(upload.path).toString('base64url')}`);
  };

  /** Links a synced staging file to its final name. If that is the same file already, it succeeds. */
  const publish = async (staging: string, file: string): Promise<void> => {
    await makeFolder(dirname(file));
    try {
      await link(staging, file);
    } catch (error) {
      if (fileCode(error) !== 'EEXIST') throw error;
      const [ours, theirs] = [await stat(staging), await stat(file)];
      if (ours.ino !== theirs.ino) {
        await rm(staging, { force: true });
        throw new VaultError('blob_exists', 'a blob of this name exists', { cause: error });
      }
    }
    await rm(staging, { force: true });
    await syncFolder(dirname(file));
  };

  const remove = async (location: StoreLocation, path: string): Promise<void> => {
    const file = fileOf(location, path);
    await rm(file, { force: true });
    // Another process may have compared already: without its staging file it cannot replace this blob.
    await removeStaleReplacements(stagingOf(location, { path, uploadId: REPLACE_PREFIX }));
    await rm(file, { force: true });
    await syncFolder(dirname(file)).catch(() => undefined);
  };

  return {
    releasesBuffer: true,
    // A write is a few system calls, and ends with its process.
    lingerMs: 0,
    put: (location, path, bytes, op) =>
      withStoreErrors(async () => {
        const file = fileOf(location, path);
        const staging = stagingOf(location, { path, uploadId: op });
        if (!(await createFileInThread({ staging, file, bytes })))
          throw new VaultError('blob_exists', 'a blob of this name exists');
      }),
    get: (location, path, most) =>
      withStoreErrors(async () => {
        const file = fileOf(location, path);
        try {
          if ((await stat(file)).size > most)
            throw new VaultError('malformed', `the blob is longer than ${most} bytes`);
          const bytes = await readFile(file);
          return { bytes, tag: tagOf(bytes) };
        } catch (error) {
          if (fileCode(error) === 'ENOENT') return null;
          throw error;
        }
      }),
    replace: (location, path, bytes, tag, op, wait) =>
      withStoreErrors(async () => {
        const file = fileOf(location, path);
        return replaceFile(file, stagingOf(location, { path, uploadId: `${REPLACE_PREFIX}${op}` }), bytes, tag, wait);
      }),
    read: (location, path, start, end, { signal }) => readFolderBlob(() => fileOf(location, path), start, end, signal),
    head: (location, path) =>
      withStoreErrors(async () => {
        const found = await statOf(fileOf(location, path));
        return found && { size: found.size, version: null };
      }),
    list: (location, prefix, { after = '' }) => listFiles(join(root, location.prefix), prefix, after),
    first: (location, folder, most) =>
      withStoreErrors(async () => {
        const names = await namesIn(join(root, location.prefix), folder);
        return names.slice(0, most);
      }),
    delete: (location, path) => withStoreErrors(() => remove(location, path)),
    deleteUnder: (location, prefix) =>
      withStoreErrors(async () => {
        const found: string[] = [];
        for await (const { path } of listFiles(join(root, location.prefix), prefix, '')) found.push(path);
        for (const path of found) await remove(location, path);
      }),
    beginUpload: (location, path, op) =>
      withStoreErrors(async () => {
        const staging = stagingOf(location, { path, uploadId: op });
        await makeFolder(dirname(staging));
        await (await open(staging, 'w', 0o600)).close();
        return op;
      }),
    putPart: (location, upload, number, sealed) =>
      withStoreErrors(async () => {
        const handle = await openStaging(stagingOf(location, upload));
        try {
          await writeAll(handle, sealed, number * SEALED_PART);
        } finally {
          await handle.close();
        }
        return String(sealed.length);
      }),
    completeUpload: (location, upload, receipts) =>
      withStoreErrors(async () => {
        const file = fileOf(location, upload.path);
        const staging = stagingOf(location, upload);
        const handle = await openStaging(staging).catch(async (error: unknown) => {
          // An earlier attempt completed it, and the answer was lost: the name contains this deposit's id.
          if (await exists(file)) return null;
          throw error;
        });
        if (handle === null) return;
        try {
          const size = receipts.reduce((sum, receipt) => sum + Number(receipt), 0);
          if ((await handle.stat()).size < size) throw new VaultError('blob_missing', 'the upload lacks a part');
          await handle.truncate(size);
          await handle.sync();
        } finally {
          await handle.close();
        }
        await publish(staging, file);
      }),
    abortUpload: (location, upload) => withStoreErrors(() => rm(stagingOf(location, upload), { force: true })),
    listUploads: (location) => listStaging(join(root, location.prefix, STAGING)),
  };
}

type Handle = Awaited<ReturnType<typeof open>>;

async function openStaging(staging: string): Promise<Handle> {
  try {
    return await open(staging, 'r+');
  } catch (cause) {
    if (fileCode(cause) === 'ENOENT') throw new VaultError('blob_missing', 'the upload does not exist', { cause });
    throw cause;
  }
}

async function writeAll(handle: Handle, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    at += (await handle.write(bytes, at, bytes.length - at, position + at)).bytesWritten;
  }
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

async function withStoreErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toStoreError(error);
  }
}

async function* listStaging(folder: string): AsyncGenerator<ListedUpload> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if (fileCode(error) === 'ENOENT') return;
    throw toStoreError(error);
  }
  for (const name of names) {
    const [uploadId, path] = name.split('~');
    if (uploadId !== undefined && path !== undefined) {
      const found = await statOf(join(folder, name));
      if (found !== null) yield { uploadId, path: Buffer.from(path, 'base64url').toString(), begun: found.birthtimeMs };
    }
  }
}
