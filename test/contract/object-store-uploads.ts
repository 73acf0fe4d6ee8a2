// Multipart uploads, in the contract of an object store.
import { randomBytes } from 'node:crypto';
import { beforeAll, expect } from 'vitest';
import { PART, SEALED_PART } from '../../src/envelope/sizes.ts';
import type { StoreLocation } from '../../src/model/tenant.ts';
import type { ObjectStore, OpenUpload } from '../../src/ports/object-store.ts';
import type { ContractCase } from '../support/contract.ts';
import { gather, inTurns, paths, type TestedStore, wait } from './tested-store.ts';

/** The cases, over a store that exists once the suite has begun. */
export function uploadCases(it: ContractCase, tested: () => TestedStore): void {
  let store: ObjectStore;
  let place: StoreLocation;

  beforeAll(() => {
    ({ store, place } = tested());
  });

  const put = (path: string, bytes: Buffer, op: string) => store.put(place, path, bytes, op, wait);
  const get = async (path: string) => (await store.get(place, path, 1_000, wait))?.bytes;
  const begin = (path: string, op: string) => store.beginUpload(place, path, op, wait);
  const complete = (path: string, uploadId: string, receipts: readonly string[], op: string) =>
    store.completeUpload(place, { path, uploadId }, receipts, op, wait);
  const uploads = () => paths(store.listUploads(place, wait));

  it('creates a blob from the last sealing of each part, and shows none before', async () => {
    const parts = [randomBytes(SEALED_PART), randomBytes(SEALED_PART), randomBytes(1_000)] as const;
    const uploadId = await begin('multi/a', 'mop1');
    expect(await uploads()).toContain('multi/a');
    const upload = { path: 'multi/a', uploadId };
    const putPart = (n: number, bytes: Buffer) => store.putPart(place, upload, n, bytes, wait);
    await putPart(0, randomBytes(SEALED_PART));
    const receipts = [await putPart(0, parts[0]), await putPart(1, parts[1]), await putPart(2, parts[2])];
    expect(await store.head(place, 'multi/a', wait)).toBeNull();
    await complete('multi/a', uploadId, receipts, 'mop1');
    await complete('multi/a', uploadId, receipts, 'mop1');
    const size = 2 * SEALED_PART + 1_000;
    expect((await gather(store.read(place, 'multi/a', 0, size, wait))).equals(Buffer.concat(parts))).toBe(true);
    expect(await uploads()).not.toContain('multi/a');
  });

  it('keeps only the last sealing of a part, if an earlier one was longer', async () => {
    const uploadId = await begin('multi/short', 'mop2');
    const upload = { path: 'multi/short', uploadId };
    await store.putPart(place, upload, 0, randomBytes(900), wait);
    const bytes = randomBytes(400);
    const receipt = await store.putPart(place, upload, 0, bytes, wait);
    await complete('multi/short', uploadId, [receipt], 'mop2');
    expect(await get('multi/short')).toEqual(bytes);
  });

  it('completes no upload that lacks a part', async () => {
    const uploadId = await begin('multi/lack', 'mop3');
    const upload = { path: 'multi/lack', uploadId };
    const receipt = await store.putPart(place, upload, 0, randomBytes(PART), wait);
    // The second part was never stored.
    const lacking = complete('multi/lack', uploadId, [receipt, receipt], 'mop3');
    await expect(lacking).rejects.toMatchObject({ code: 'blob_missing' });
    expect(await store.head(place, 'multi/lack', wait)).toBeNull();
    await store.abortUpload(place, upload, wait);
  });

  it('completes no unknown upload', async () => {
    const uploadId = await begin('multi/none', 'mop4');
    const upload = { path: 'multi/none', uploadId };
    const receipt = await store.putPart(place, upload, 0, randomBytes(100), wait);
    await store.abortUpload(place, upload, wait);
    for (const id of [uploadId, 'mop4']) {
      const gone = complete('multi/none', id, [receipt], 'mop4');
      await expect(gone).rejects.toMatchObject({ code: 'blob_missing' });
    }
    expect(await store.head(place, 'multi/none', wait)).toBeNull();
  });

  it('completes no upload over another operation’s blob', async () => {
    const bytes = randomBytes(100);
    await put('multi/over', bytes, 'op1');
    const uploadId = await begin('multi/over', 'mop5');
    const upload = { path: 'multi/over', uploadId };
    const receipt = await store.putPart(place, upload, 0, randomBytes(200), wait);
    const completing = complete('multi/over', uploadId, [receipt], 'mop5');
    await expect(completing).rejects.toMatchObject({ code: 'blob_exists' });
    expect(await get('multi/over')).toEqual(bytes);
    await store.abortUpload(place, upload, wait);
  });

  it('begins the same upload again if its id was lost', async () => {
    const lost = await begin('multi/twice', 'mop6');
    const uploadId = await begin('multi/twice', 'mop6');
    const bytes = randomBytes(300);
    const receipt = await store.putPart(place, { path: 'multi/twice', uploadId }, 0, bytes, wait);
    await complete('multi/twice', uploadId, [receipt], 'mop6');
    await store.abortUpload(place, { path: 'multi/twice', uploadId: lost }, wait);
    expect(await get('multi/twice')).toEqual(bytes);
    expect(await uploads()).not.toContain('multi/twice');
  });

  it('aborts an upload, also twice, and an unknown one', async () => {
    const uploadId = await begin('multi/off', 'mop7');
    const upload = { path: 'multi/off', uploadId };
    await store.putPart(place, upload, 0, randomBytes(100), wait);
    await store.abortUpload(place, upload, wait);
    await store.abortUpload(place, upload, wait);
    await store.abortUpload(place, { path: 'multi/never', uploadId: 'mop8' }, wait);
    expect(await uploads()).not.toContain('multi/off');
  });

  it('accepts no part of an aborted upload', async () => {
    const uploadId = await begin('multi/late', 'mop9');
    const upload = { path: 'multi/late', uploadId };
    await store.abortUpload(place, upload, wait);
    const late = store.putPart(place, upload, 0, randomBytes(100), wait);
    await expect(late).rejects.toMatchObject({ code: 'blob_missing' });
  });

  it('lists more uploads than fit in one page', async () => {
    const names = Array.from({ length: 1_010 }, (_, n) => `open/${String(n).padStart(4, '0')}`);
    await inTurns(names, (path) => begin(path, path.replace('/', '-')));
    const found: OpenUpload[] = [];
    for await (const upload of store.listUploads(place, wait)) found.push(upload);
    expect(found.map(({ path }) => path).sort()).toEqual(names);
    await inTurns(found, (upload) => store.abortUpload(place, upload, wait));
    expect(await uploads()).toEqual([]);
  });
}
