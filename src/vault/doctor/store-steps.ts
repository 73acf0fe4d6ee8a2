// What the doctor does with the object store: every call that this process's role makes, on blobs of its own.
import { randomBytes } from 'node:crypto';
import { newId } from '../../bytes/ids.ts';
import { SEALED_PART } from '../../envelope/sizes.ts';
import { hasCode, VaultError } from '../../errors.ts';
import { does } from '../process-role.ts';
import type { Request } from '../request.ts';
import { type DoctorParts, NOBODY, type Step } from './step.ts';

const SIZE = 100_000;

/** The steps, in order: later ones use what earlier ones left. */
export function storeSteps({ store, settings }: DoctorParts): readonly Step[] {
  const { place, role } = settings;
  // Below the prefix of ciphertext, where a policy of least privilege lets a process write.
  const folder = `t/${NOBODY}/r/${newId('rec')}`;
  const one = `${folder}/one`;
  const once = `${folder}/once`;
  const many = `${folder}/many`;
  const bytes = randomBytes(SIZE);
  const step = (name: string, run: Step['run']): Step => ({ name: `store: ${name}`, run });

  const create = step('create a blob', async (request) => {
    await store.put(place, one, bytes, 'doctor-1', request);
    return `${SIZE} bytes`;
  });
  const createOnce = step('create it once only', async (request) => {
    // Not the blob that the steps below read: a store that ignores the condition would have them fail as well.
    await store.put(place, once, randomBytes(8), 'doctor-2', request);
    const again = store.put(place, once, randomBytes(8), 'doctor-5', request);
    await again.then(
      () => {
        throw new VaultError('store_unavailable', 'the store ignores If-None-Match: the row alone guards its blobs');
      },
      (error: unknown) => {
        if (!hasCode(error, 'blob_exists')) throw error;
      },
    );
    return 'a second one was refused';
  });
  const upload = step('upload in parts', async (request) => {
    const upload = { path: many, uploadId: await store.beginUpload(place, many, 'doctor-3', request) };
    const part = randomBytes(SEALED_PART);
    const receipts = [await store.putPart(place, upload, 0, part, request)];
    receipts.push(await store.putPart(place, upload, 1, bytes, request));
    await store.completeUpload(place, upload, receipts, 'doctor-3', request);
    return '2 parts';
  });
  const head = step('look at a blob', async (request) => {
    const found = await store.head(place, one, request);
    if (found?.size !== SIZE) throw new VaultError('store_unavailable', 'the store tells another size');
    return found.version === null ? 'the bucket keeps no versions' : 'the bucket keeps versions';
  });
  const missing = step('look for what is not there', async (request) => {
    if ((await store.head(place, `${folder}/none`, request)) === null) return 'nothing';
    throw new VaultError('store_unavailable', 'the store tells of a blob that nobody wrote');
  });
  const read = step('read a range', async (request) => {
    const pieces: Uint8Array[] = [];
    for await (const piece of store.read(place, one, 1000, 2000, request)) pieces.push(piece);
    if (!Buffer.concat(pieces).equals(bytes.subarray(1000, 2000)))
      throw new VaultError('store_unavailable', 'the store gives back other bytes');
    return '1,000 bytes';
  });
  const abort = step('give an upload up', async (request) => {
    const given = { path: `${many}-2`, uploadId: await store.beginUpload(place, `${many}-2`, 'doctor-4', request) };
    await store.putPart(place, given, 0, bytes, request);
    await store.abortUpload(place, given, request);
    return 'nothing of it is left';
  });
  const listUploads = step('list uploads', async (request) => {
    let open = 0;
    for await (const _upload of store.listUploads(place, request)) open++;
    return `${open} open`;
  });
  const list = step('list blobs', async (request) => `${(await listed(request)).length} found`);
  const remove = step('delete every version', async (request) => {
    for (const path of [one, once, many, `${many}-2`]) await store.delete(place, path, request);
    const left = await listed(request);
    if (left.length > 0) throw new VaultError('store_unavailable', 'what was deleted is still there');
    return 'nothing is left';
  });

  async function listed(request: Request): Promise<string[]> {
    const found: string[] = [];
    for await (const { path } of store.list(place, folder, request)) found.push(path);
    return found;
  }

  const writing = [create, createOnce, upload, head, missing, read, abort];
  if (does(role, 'settle')) return [...writing, listUploads, list, remove];
  // What these processes may not do is nobody's fault: they look, and leave the rest to a process that works.
  if (does(role, 'deposit')) return writing;
  return does(role, 'media') ? [missing] : [];
}
