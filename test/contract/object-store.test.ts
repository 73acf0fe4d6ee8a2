// The contract of an object store over the folder store, its errors, and its recovery after a crash.
import { randomBytes } from 'node:crypto';
import { link, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { folderStore } from '../../src/adapters/local/folder-store.ts';
import type { ObjectStore } from '../../src/ports/object-store.ts';
import { filesUnder } from '../support/fault-deployment.ts';
import { objectStoreContract } from './object-store.ts';
import { gather } from './tested-store.ts';

const wait = { signal: AbortSignal.timeout(3_600_000) };
const place = { region: '', bucket: '', prefix: '' };

objectStoreContract({ name: 'the folder store', server: null }, async () => {
  const root = await mkdtemp(join(tmpdir(), 'callvault-store-'));
  return {
    store: folderStore(root),
    place: { ...place, prefix: 'tenant-a' },
    other: { ...place, prefix: 'tenant-b' },
    close: () => rm(root, { recursive: true }),
  };
});

describe('the folder store', () => {
  let root: string;
  let store: ObjectStore;
  const staged = (path: string, op: string): string =>
    join(root, '.staging', `${op}~${Buffer.from(path).toString('base64url')}`);

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'callvault-store-'));
    store = folderStore(root);
  });
  afterEach(() => rm(root, { recursive: true }));

  it('throws store_unavailable if a file has the name of a folder', async () => {
    await writeFile(join(root, 'a'), '');
    const away = { code: 'store_unavailable' };
    await expect(store.put(place, 'a/b', randomBytes(4), 'op1', wait)).rejects.toMatchObject(away);
    await expect(store.get(place, 'a/b', 10, wait)).rejects.toMatchObject(away);
    await expect(store.head(place, 'a/b', wait)).rejects.toMatchObject(away);
    await expect(gather(store.read(place, 'a/b', 0, 1, wait))).rejects.toMatchObject(away);
    await rm(join(root, '.staging'), { recursive: true, force: true });
    await writeFile(join(root, '.staging'), '');
    await expect(store.put(place, 'b', randomBytes(4), 'op1', wait)).rejects.toMatchObject(away);
    await expect(store.beginUpload(place, 'b', 'op1', wait)).rejects.toMatchObject(away);
    expect(await readdir(root)).toEqual(expect.arrayContaining(['.staging', 'a']));
  });

  it('throws store_unavailable if a folder has the name of a blob', async () => {
    await mkdir(join(root, 'a'));
    await expect(store.get(place, 'a', 10_000, wait)).rejects.toMatchObject({ code: 'store_unavailable' });
  });

  it('leaves no staging file, whichever writer won', async () => {
    const puts = Array.from({ length: 8 }, (_, n) => store.put(place, 'x', randomBytes(9), `op${n}`, wait));
    await Promise.allSettled(puts);
    expect(await filesUnder(root)).toEqual(['x']);
  });

  it('recovers a put that crashed before its blob had a name', async () => {
    await mkdir(join(root, '.staging'));
    await writeFile(staged('x', 'op1'), 'half');
    const bytes = randomBytes(50);
    await store.put(place, 'x', bytes, 'op1', wait);
    expect((await store.get(place, 'x', 50, wait))?.bytes).toEqual(bytes);
    expect(await filesUnder(root)).toEqual(['x']);
  });

  it('recovers a put that crashed between link and unlink', async () => {
    const bytes = randomBytes(50);
    await mkdir(join(root, '.staging'));
    await writeFile(staged('x', 'op1'), bytes);
    await link(staged('x', 'op1'), join(root, 'x'));
    await store.put(place, 'x', bytes, 'op1', wait);
    expect((await store.get(place, 'x', 50, wait))?.bytes).toEqual(bytes);
    expect(await filesUnder(root)).toEqual(['x']);
  });

  it('recovers an upload that crashed between link and unlink', async () => {
    const upload = { path: 'up', uploadId: await store.beginUpload(place, 'up', 'op1', wait) };
    const bytes = randomBytes(500);
    const receipt = await store.putPart(place, upload, 0, bytes, wait);
    await link(staged('up', 'op1'), join(root, 'up'));
    await store.completeUpload(place, upload, [receipt], 'op1', wait);
    expect((await store.get(place, 'up', 500, wait))?.bytes).toEqual(bytes);
    expect(await filesUnder(root)).toEqual(['up']);
  });

  it('aborts a put that crashed, by its operation', async () => {
    await mkdir(join(root, '.staging'));
    await writeFile(staged('x', 'op1'), 'half');
    await store.abortUpload(place, { path: 'x', uploadId: 'op1' }, wait);
    expect(await filesUnder(root)).toEqual([]);
  });

  const replacing = async (bytes: Buffer): Promise<boolean> => {
    const { tag = '' } = (await store.get(place, 'x', 100, wait)) ?? {};
    return store.replace(place, 'x', bytes, tag, 'rop1', wait);
  };
  const lock = (): string => join(root, '.staging', `${Buffer.from('x').toString('base64url')}.lock`);

  it('leaves no staging file after a replacement, whichever writer won', async () => {
    await store.put(place, 'x', randomBytes(50), 'op1', wait);
    const bytes = randomBytes(60);
    expect(await replacing(bytes)).toBe(true);
    expect(await store.replace(place, 'x', randomBytes(9), 'another', 'rop2', wait)).toBe(false);
    expect(await filesUnder(root)).toEqual(['x']);
    expect((await stat(join(root, 'x'))).mode & 0o777).toBe(0o600);
  });

  it('replaces despite the lock and the staging file of a process that crashed', async () => {
    await store.put(place, 'x', randomBytes(50), 'op1', wait);
    await writeFile(lock(), '');
    await writeFile(staged('x', 'replace-rop9'), 'half');
    const bytes = randomBytes(60);
    expect(await replacing(bytes)).toBe(true);
    expect((await store.get(place, 'x', 100, wait))?.bytes).toEqual(bytes);
    expect(await filesUnder(root)).toEqual(['x']);
  });

  it('waits for a lock no longer than its caller does', async () => {
    await store.put(place, 'x', randomBytes(50), 'op1', wait);
    await writeFile(lock(), '');
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(store.replace(place, 'x', randomBytes(9), 'tag', 'rop1', { signal })).rejects.toThrow('enough');
    expect(await filesUnder(root)).toEqual([join('.staging', 'eA.lock'), 'x']);
  });

  it('deletes the staging file of a concurrent replacement together with the blob', async () => {
    await store.put(place, 'x', randomBytes(50), 'op1', wait);
    await writeFile(staged('x', 'replace-rop9'), 'all that is to come');
    await store.delete(place, 'x', wait);
    expect(await filesUnder(root)).toEqual([]);
  });

  it('lists the staging file of an interrupted replacement, and aborts it', async () => {
    await mkdir(join(root, '.staging'));
    await writeFile(staged('x', 'replace-rop9'), 'half');
    const left: { path: string; uploadId: string }[] = [];
    for await (const upload of store.listUploads(place, wait)) left.push(upload);
    expect(left).toMatchObject([{ path: 'x', uploadId: 'replace-rop9' }]);
    for (const upload of left) await store.abortUpload(place, upload, wait);
    expect(await filesUnder(root)).toEqual([]);
  });

  it('creates its files readable only by its user', async () => {
    await store.put(place, 'a/b', randomBytes(4), 'op1', wait);
    expect((await stat(join(root, 'a/b'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(root, 'a'))).mode & 0o777).toBe(0o700);
  });
});
