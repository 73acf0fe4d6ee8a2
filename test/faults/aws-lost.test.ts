// Lost answers of an object store: each write takes effect once and is recognised afterwards; a storm of all faults.
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { gather, paths, wait } from '../contract/tested-store.ts';
import { CALLER } from '../support/double/adapters.ts';
import type { FaultEffect } from '../support/double/faults.ts';
import { BYTES, REPLY_LOST, STORE_UNAVAILABLE, setUpStoreSuite } from '../support/double/store-suite.ts';
import { faultRandom } from '../support/fault-random.ts';

const { on, put, whole, versions, asked, fault, begun } = setUpStoreSuite();
const random = faultRandom();

describe('a lost answer', () => {
  it('to a put is no failure, and no second put', async () => {
    await fault('PutObject', REPLY_LOST);
    await put('x');
    expect(await on.double.calls('PutObject')).toMatchObject([
      { status: null, effect: true },
      { status: 412, effect: false },
    ]);
    expect(await versions('x')).toBe(1);
    expect((await whole('x')).equals(BYTES)).toBe(true);
  });

  it('to every try of a put is reported as unknown; the same operation then finds its blob', async () => {
    await fault('PutObject', REPLY_LOST, 3);
    await expect(put('x')).rejects.toMatchObject(STORE_UNAVAILABLE);
    expect(await asked('PutObject')).toBe(3);
    await put('x');
    expect(await versions('x')).toBe(1);
  });

  it('does not make another operation’s blob ours', async () => {
    await put('x');
    await fault('PutObject', REPLY_LOST);
    await expect(put('x', randomBytes(10), 'op2')).rejects.toMatchObject({ code: 'blob_exists' });
    expect((await whole('x')).equals(BYTES)).toBe(true);
  });

  it('to a put stays unknown where the caller may not look', async () => {
    const Statement = { Effect: 'Allow', Action: 's3:PutObject', Resource: '*' } as const;
    await on.double.policy(CALLER, { Statement });
    await fault('PutObject', REPLY_LOST);
    await expect(put('x')).rejects.toMatchObject(STORE_UNAVAILABLE);
    await on.double.policy(CALLER, null);
    await put('x');
    expect(await versions('x')).toBe(1);
  });

  const CONFLICT = { kind: 'error', status: 409, code: 'ConditionalRequestConflict' } as const;
  const tagOf = async (path: string): Promise<string> =>
    (await on.store.get(on.place, path, BYTES.length, wait))?.tag ?? '';
  const replace = (bytes: Buffer, tag: string, op = 'rop1') => on.store.replace(on.place, 'x', bytes, tag, op, wait);

  it('to a replacement is no failure, and no second replacement', async () => {
    await put('x');
    const [tag, bytes] = [await tagOf('x'), randomBytes(900)];
    await fault('PutObject', REPLY_LOST);
    expect(await replace(bytes, tag)).toBe(true);
    expect(await on.double.calls('PutObject')).toMatchObject([
      { status: 200 },
      { status: null, effect: true },
      { status: 412, effect: false },
    ]);
    expect(await versions('x')).toBe(2);
    expect((await whole('x')).equals(bytes)).toBe(true);
  });

  it('to a replacement does not make another’s blob ours', async () => {
    await put('x');
    const [tag, bytes] = [await tagOf('x'), randomBytes(900)];
    expect(await replace(bytes, tag, 'rop2')).toBe(true);
    await fault('PutObject', REPLY_LOST);
    expect(await replace(randomBytes(80), tag)).toBe(false);
    expect((await whole('x')).equals(bytes)).toBe(true);
  });

  it('to a replacement is recognised by the same operation after it was unknown', async () => {
    await put('x');
    const [tag, bytes] = [await tagOf('x'), randomBytes(900)];
    await fault('PutObject', REPLY_LOST, 3);
    await expect(replace(bytes, tag)).rejects.toMatchObject(STORE_UNAVAILABLE);
    expect(await replace(bytes, tag)).toBe(true);
    expect(await versions('x')).toBe(2);
  });

  it('to a replacement, then a conflict with another write: recognised by its nonce', async () => {
    await put('x');
    const [tag, bytes] = [await tagOf('x'), randomBytes(900)];
    await fault('PutObject', REPLY_LOST);
    await on.double.fault({ ...CONFLICT, operation: 'PutObject', times: 1 });
    expect(await replace(bytes, tag)).toBe(true);
  });

  it('is not assumed at a conflict where the blob is still the one that was read', async () => {
    await put('x');
    const [tag, bytes] = [await tagOf('x'), randomBytes(900)];
    await fault('PutObject', CONFLICT);
    await expect(replace(bytes, tag)).rejects.toMatchObject(STORE_UNAVAILABLE);
    expect(await replace(bytes, tag)).toBe(true);
  });

  it('to a part is no failure', async () => {
    const uploadId = await on.store.beginUpload(on.place, 'm', 'op1', wait);
    await fault('UploadPart', REPLY_LOST);
    const receipt = await on.store.putPart(on.place, { path: 'm', uploadId }, 0, BYTES, wait);
    expect(await asked('UploadPart')).toBe(2);
    await on.store.completeUpload(on.place, { path: 'm', uploadId }, [receipt], 'op1', wait);
    expect((await whole('m')).equals(BYTES)).toBe(true);
    expect(await versions('m')).toBe(1);
  });

  it('to a completion is no failure, and no second completion', async () => {
    const { upload, receipts, bytes } = await begun('m');
    await fault('CompleteMultipartUpload', REPLY_LOST);
    await on.store.completeUpload(on.place, upload, receipts, 'op1', wait);
    expect(await on.double.calls('CompleteMultipartUpload')).toMatchObject([
      { status: null, effect: true },
      { status: 404, code: 'NoSuchUpload' },
    ]);
    expect((await gather(on.store.read(on.place, 'm', 0, bytes.length, wait))).equals(bytes)).toBe(true);
    expect(await versions('m')).toBe(1);
  });

  it('to a completion with another operation’s blob in its place is not taken for ours', async () => {
    const { upload, receipts } = await begun('m');
    await on.store.abortUpload(on.place, upload, wait);
    await put('m', BYTES, 'op2');
    const completing = on.store.completeUpload(on.place, upload, receipts, 'op1', wait);
    await expect(completing).rejects.toMatchObject({ code: 'blob_missing' });
    expect((await whole('m')).equals(BYTES)).toBe(true);
  });

  it('to the beginning of an upload leaves an upload that is found and aborted', async () => {
    await fault('CreateMultipartUpload', REPLY_LOST);
    const uploadId = await on.store.beginUpload(on.place, 'm', 'op1', wait);
    const open = [];
    for await (const upload of on.store.listUploads(on.place, wait)) open.push(upload);
    expect(open).toHaveLength(2);
    for (const upload of open) if (upload.uploadId !== uploadId) await on.store.abortUpload(on.place, upload, wait);
    expect(await paths(on.store.listUploads(on.place, wait))).toEqual(['m']);
  });

  it('to an abort or a deletion is no failure', async () => {
    const { upload } = await begun('m');
    await put('x');
    await on.double.fault({ ...REPLY_LOST, operation: '*', times: 2, where: { key: '?' } });
    await on.store.abortUpload(on.place, upload, wait);
    await fault('DeleteObject', REPLY_LOST);
    await on.store.delete(on.place, 'x', wait);
    expect(await versions('x')).toBe(0);
    expect(await paths(on.store.listUploads(on.place, wait))).toEqual([]);
  });
});

describe('a storm of faults', () => {
  const TROUBLES: readonly FaultEffect[] = [
    { kind: 'throttle' },
    { kind: 'internal' },
    { kind: 'hang-up', when: 'before' },
    { kind: 'hang-up', when: 'middle' },
    REPLY_LOST,
    REPLY_LOST,
    { kind: 'black-hole', when: 'after' },
    { kind: 'black-hole', when: 'before' },
  ];

  it(`ends with each blob stored once, by the one writer that got an acknowledgement (FAULT_SEED=${random.seed})`, async () => {
    for (let n = 0; n < 40; n += 1) {
      const next = () => TROUBLES[random.int(TROUBLES.length)] ?? REPLY_LOST;
      await on.double.fault({ ...next(), operation: 'PutObject', times: 1, skip: random.int(3) });
      await on.double.fault({ ...next(), operation: 'HeadObject', times: 1 });
      const bodies = [random.bytes(500), random.bytes(500)] as const;
      // Each writer repeats its own operation until the outcome is known, as recovery does.
      const settle = async (bytes: Buffer, op: string): Promise<string> => {
        for (let tries = 0; tries < 10; tries += 1) {
          const outcome = await put(`s/${n}`, bytes, op, on.hasty).then(
            () => 'won',
            ({ code }) => String(code),
          );
          if (outcome !== 'store_unavailable') return outcome;
        }
        return 'never known';
      };
      const outcomes = await Promise.all(bodies.map((bytes, who) => settle(bytes, `op${who}`)));
      expect(outcomes.toSorted()).toEqual(['blob_exists', 'won']);
      expect((await on.store.get(on.place, `s/${n}`, 500, wait))?.bytes).toEqual(bodies[outcomes.indexOf('won')]);
      expect(await versions(`s/${n}`)).toBe(1);
      await on.double.clearFaults();
    }
  });
});
