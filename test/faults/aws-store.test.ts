// An object store that fails, never answers or denies: retries take effect once, and errors come in bounded time.
import { describe, expect, it } from 'vitest';
import { gather, paths, wait } from '../contract/tested-store.ts';
import type { FaultEffect } from '../support/double/faults.ts';
import { BYTES, SHORT_DEADLINES, STORE_UNAVAILABLE, setUpStoreSuite } from '../support/double/store-suite.ts';

const { on, put, whole, versions, asked, fault, begun } = setUpStoreSuite();

describe('a transient failure', () => {
  const CONFLICT = { kind: 'error', status: 409, code: 'ConditionalRequestConflict' } as const;

  it.each<[string, FaultEffect]>([
    ['throttling', { kind: 'throttle' }],
    ['an internal error', { kind: 'internal' }],
    ['a hang-up with the request unread', { kind: 'hang-up', when: 'before' }],
    ['a hang-up with the request half read', { kind: 'hang-up', when: 'middle' }],
  ])('as %s twice is retried, with one effect', async (_, trouble) => {
    await fault('PutObject', trouble, 2);
    await put('x');
    await fault('GetObject', trouble, 2);
    expect((await whole('x')).equals(BYTES)).toBe(true);
    await fault('CreateMultipartUpload', trouble, 2);
    await fault('UploadPart', trouble, 2);
    const { upload, receipts, bytes } = await begun('m');
    await fault('CompleteMultipartUpload', trouble, 2);
    await on.store.completeUpload(on.place, upload, receipts, 'op1', wait);
    expect((await gather(on.store.read(on.place, 'm', 0, bytes.length, wait))).equals(bytes)).toBe(true);
    for (const plan of await on.double.faults()) expect(plan.happened).toBe(2);
    expect([await versions('x'), await versions('m')]).toEqual([1, 1]);
  });

  it.each<[string, FaultEffect]>([
    ['throttling', { kind: 'throttle' }],
    ['an internal error', { kind: 'internal' }],
    ['a hang-up', { kind: 'hang-up', when: 'before' }],
    ['a conflict with a failed write', CONFLICT],
  ])('as %s without end is reported as unavailable, and nothing is stored', async (_, trouble) => {
    await on.double.fault({ ...trouble, operation: 'PutObject', times: null });
    await expect(put('x')).rejects.toMatchObject(STORE_UNAVAILABLE);
    expect(await asked('PutObject')).toBeLessThanOrEqual(3);
    expect(await versions('x')).toBe(0);
  });

  it('hidden in a completion with status 200 is found, and retried', async () => {
    const { upload, receipts } = await begun('m');
    await fault('CompleteMultipartUpload', { kind: 'error-in-200', code: 'InternalError' });
    await on.store.completeUpload(on.place, upload, receipts, 'op1', wait);
    expect(await versions('m')).toBe(1);
    const other = await begun('n');
    await fault('CompleteMultipartUpload', { kind: 'error-in-200', code: 'InternalError' }, null);
    const completing = on.store.completeUpload(on.place, other.upload, other.receipts, 'op1', wait);
    await expect(completing).rejects.toMatchObject(STORE_UNAVAILABLE);
    expect(await versions('n')).toBe(0);
  });
});

describe('a store that never answers', () => {
  it.each(['before', 'after'] as const)('fails as unavailable in bounded time, with the effect %s', async (when) => {
    const { upload, receipts } = await begun('m');
    await fault('*', { kind: 'black-hole', when }, null);
    const calls: [string, () => Promise<unknown>][] = [
      ['put', () => put('x', BYTES, 'op1', on.hasty)],
      ['get', () => on.hasty.get(on.place, 'x', BYTES.length, wait)],
      ['read', () => whole('x', on.hasty)],
      ['head', () => on.hasty.head(on.place, 'x', wait)],
      ['list', () => paths(on.hasty.list(on.place, '', wait))],
      ['delete', () => on.hasty.delete(on.place, 'y', wait)],
      ['beginUpload', () => on.hasty.beginUpload(on.place, 'n', 'op1', wait)],
      ['putPart', () => on.hasty.putPart(on.place, upload, 2, BYTES, wait)],
      ['completeUpload', () => on.hasty.completeUpload(on.place, upload, receipts, 'op1', wait)],
      ['abortUpload', () => on.hasty.abortUpload(on.place, { path: 'n', uploadId: 'n' }, wait)],
      ['listUploads', () => paths(on.hasty.listUploads(on.place, wait))],
    ];
    for (const [name, call] of calls) {
      const start = performance.now();
      await expect(call(), name).rejects.toMatchObject(STORE_UNAVAILABLE);
      expect(performance.now() - start, name).toBeLessThan(SHORT_DEADLINES.call * 10);
    }
    await on.double.clearFaults();
    await put('x');
    await on.store.completeUpload(on.place, upload, receipts, 'op1', wait);
    expect([await versions('x'), await versions('m')]).toEqual([1, 1]);
  });
});

describe('a denied action', () => {
  it('makes the store unavailable, never a blob missing or another’s', async () => {
    await put('x');
    const { upload, receipts } = await begun('m');
    await on.double.deny({ action: 's3:*' });
    await on.double.forgetCalls();
    for (const call of [
      () => put('y'),
      () => put('x', BYTES, 'op2'),
      () => on.store.replace(on.place, 'x', BYTES, '"tag"', 'op2', wait),
      () => on.store.get(on.place, 'x', BYTES.length, wait),
      () => whole('x'),
      () => on.store.head(on.place, 'x', wait),
      () => paths(on.store.list(on.place, '', wait)),
      () => on.store.delete(on.place, 'x', wait),
      () => on.store.beginUpload(on.place, 'n', 'op1', wait),
      () => on.store.putPart(on.place, upload, 0, BYTES, wait),
      () => on.store.completeUpload(on.place, upload, receipts, 'op1', wait),
      () => on.store.abortUpload(on.place, upload, wait),
      () => paths(on.store.listUploads(on.place, wait)),
    ]) {
      await expect(call()).rejects.toMatchObject(STORE_UNAVAILABLE);
    }
    // A denied call is not retried; after HEAD and GET the adapter asks whether listing is denied too.
    const calls = await on.double.calls();
    expect(calls.every(({ code }) => code === 'AccessDenied')).toBe(true);
    const asked = calls.filter(({ operation }) => operation === 'ListObjectsV2');
    expect([calls.length, asked.length]).toEqual([16, 4]);
  });

  it('of listing does not make a missing blob count as missing', async () => {
    await on.double.deny({ action: 's3:ListBucket' });
    await expect(on.store.get(on.place, 'nothing', 10, wait)).rejects.toMatchObject(STORE_UNAVAILABLE);
    await expect(on.store.head(on.place, 'nothing', wait)).rejects.toMatchObject(STORE_UNAVAILABLE);
  });
});
