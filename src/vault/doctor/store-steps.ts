// The doctor's steps for the object store: every call that a process or an operator makes, on test blobs.
import { randomBytes } from 'node:crypto';
import { idTime, newId } from '../../bytes/ids.ts';
import { envelopePath, MAX_ENVELOPE } from '../../envelope/envelope.ts';
import { objectPath } from '../../envelope/object.ts';
import { SEALED_PART } from '../../envelope/sizes.ts';
import { tenantPath } from '../../envelope/tenant-blob.ts';
import { hasCode, VaultError } from '../../errors.ts';
import type { StoreLocation, Tenant } from '../../model/tenant.ts';
import type { ListedUpload } from '../../ports/object-store.ts';
import { hasDuty } from '../core/process-role.ts';
import type { RequestContext } from '../core/request-context.ts';
import { DOCTOR_TENANT, type DoctorDeps, type Step, type StepOutcome } from './step.ts';

const SIZE = 100_000;
/** Older blobs and uploads are left over from a run that has ended. */
const OLD_MS = 600_000;
const OURS = `t/${DOCTOR_TENANT}/`;
const IGNORED = 'the store ignores If-None-Match: only the database’s row guards its blobs';

type Written = {
  readonly paths: Set<string>;
  readonly one: string;
  readonly bytes: Buffer;
  readonly recording: string;
};

/** The steps for a store location: what this process's role does there, also with the blob of a tenant stored there. */
export function processStoreSteps(vault: DoctorDeps, place: StoreLocation, tenant: Tenant | null): readonly Step[] {
  const { role } = vault.settings;
  const settles = hasDuty(role, 'settle');
  if (!settles && !hasDuty(role, 'deposit')) return hasDuty(role, 'media') ? [missing(vault, place)] : [];
  const recording = newId('rec');
  const one = objectOf(recording, 'audio');
  const written = { paths: new Set<string>(), one, bytes: randomBytes(SIZE), recording };
  const steps = [...writing(vault, place, written), ...reading(vault, place, written), missing(vault, place)];
  const abort = abortUploadStep(vault, place, recording);
  if (settles) return [...steps, abort, keepTenant(vault, place, tenant), ...sweeping(vault, place, written)];
  // A process of this role may not delete.
  const remaining = async (): Promise<StepOutcome> =>
    `${written.paths.size} blobs: doctor with role work or all deletes them`;
  return [...steps, abort, { name: 'leave test blobs', run: remaining }];
}

/** The steps for a store location: what operators' commands do there. */
export function operatorStoreSteps(vault: DoctorDeps, place: StoreLocation, tenant: Tenant | null): readonly Step[] {
  const lookForMissing = async (request: RequestContext): Promise<StepOutcome> => {
    if ((await vault.store.head(place, tenantPath(DOCTOR_TENANT), request)) === null) return 'nothing';
    throw new VaultError('store_unavailable', 'the store reports a blob that was never written');
  };
  return [{ name: 'look for a missing blob', run: lookForMissing }, keepTenant(vault, place, tenant)];
}

/** Under the prefixes of ciphertext and envelopes, where a least-privilege policy lets a process write. */
function objectOf(recording: string, name: 'audio' | 'peaks'): string {
  return objectPath({ tenant: DOCTOR_TENANT, recording, deposit: newId('dep'), name });
}

function writing({ store }: DoctorDeps, place: StoreLocation, written: Written): readonly Step[] {
  const { paths, one, bytes, recording } = written;
  const envelope = envelopePath(DOCTOR_TENANT, recording, newId('dep'));
  const many = objectOf(recording, 'audio');
  const create = async (request: RequestContext): Promise<StepOutcome> => {
    await store.put(place, one, bytes, 'doctor-1', request);
    paths.add(one);
    await store.put(place, envelope, bytes.subarray(0, 100), 'doctor-1', request);
    paths.add(envelope);
    return `${SIZE} bytes`;
  };
  const once = async (request: RequestContext): Promise<StepOutcome> => {
    if (!paths.has(one)) return { skipped: 'there is no blob' };
    try {
      // A bucket gets the same bytes: if it overwrites, nothing changes. A folder accepts equal bytes again, so it gets
      // others.
      await store.put(place, one, isFolder(place) ? randomBytes(SIZE) : bytes, 'doctor-2', request);
    } catch (error) {
      if (hasCode(error, 'blob_exists')) return 'the second one was rejected';
      throw error;
    }
    return { warning: IGNORED };
  };
  const upload = async (request: RequestContext): Promise<StepOutcome> => {
    const begun = { path: many, uploadId: await store.beginUpload(place, many, 'doctor-3', request) };
    const receipts = [await store.putPart(place, begun, 0, randomBytes(SEALED_PART), request)];
    receipts.push(await store.putPart(place, begun, 1, bytes, request));
    paths.add(many);
    await store.completeUpload(place, begun, receipts, 'doctor-3', request);
    return '2 parts';
  };
  return [
    { name: 'create a blob', run: create },
    { name: 'reject overwriting it', run: once },
    { name: 'upload in parts', run: upload },
  ];
}

function reading({ store }: DoctorDeps, place: StoreLocation, { paths, one, bytes }: Written): readonly Step[] {
  const head = async (request: RequestContext): Promise<StepOutcome> => {
    if (!paths.has(one)) return { skipped: 'there is no blob' };
    const found = await store.head(place, one, request);
    if (found?.size !== SIZE) throw new VaultError('store_unavailable', 'the store reports another size');
    return found.version === null ? 'the bucket keeps no versions' : 'the bucket keeps versions';
  };
  const read = async (request: RequestContext): Promise<StepOutcome> => {
    if (!paths.has(one)) return { skipped: 'there is no blob' };
    const pieces: Uint8Array[] = [];
    for await (const piece of store.read(place, one, 1000, 2000, request)) pieces.push(Buffer.from(piece));
    if (!Buffer.concat(pieces).equals(bytes.subarray(1000, 2000)))
      throw new VaultError('store_unavailable', 'the store returned other bytes');
    return '1,000 bytes';
  };
  return [
    { name: 'describe a blob', run: head },
    { name: 'read a range', run: read },
  ];
}

/** Looks for an object that does not exist, and for the blob that readiness looks for. */
function missing({ store }: DoctorDeps, place: StoreLocation): Step {
  const run = async (request: RequestContext): Promise<StepOutcome> => {
    for (const path of [objectOf(newId('rec'), 'audio'), 'health/none']) {
      if ((await store.head(place, path, request)) === null) continue;
      throw new VaultError('store_unavailable', 'the store reports a blob that was never written');
    }
    return 'nothing';
  };
  return { name: 'look for a missing blob', run };
}

function abortUploadStep({ store }: DoctorDeps, place: StoreLocation, recording: string): Step {
  const run = async (request: RequestContext): Promise<StepOutcome> => {
    const path = objectOf(recording, 'peaks');
    const begun = { path, uploadId: await store.beginUpload(place, path, 'doctor-4', request) };
    await store.abortUpload(place, begun, request);
    return 'nothing is left';
  };
  return { name: 'abort an upload', run };
}

function isFolder(place: StoreLocation): boolean {
  return place.bucket === '';
}

function keepTenant({ store }: DoctorDeps, place: StoreLocation, tenant: Tenant | null): Step {
  const run = async (request: RequestContext): Promise<StepOutcome> => {
    if (isFolder(place)) return { skipped: 'a folder accepts equal bytes again' };
    if (tenant === null) return { skipped: 'no tenant is stored there yet' };
    const path = tenantPath(tenant.tenant);
    const tenantBlob = await store.get(place, path, MAX_ENVELOPE, request);
    if (tenantBlob === null) throw new VaultError('store_unavailable', `tenant.json of ${tenant.tenant} is missing`);
    try {
      await store.put(place, path, tenantBlob.bytes, 'doctor-5', request);
    } catch (error) {
      if (hasCode(error, 'blob_exists')) return 'rejected';
      throw error;
    }
    return { warning: IGNORED };
  };
  return { name: 'reject overwriting tenant.json', run };
}

function sweeping({ store, clock }: DoctorDeps, place: StoreLocation, { paths, recording }: Written): readonly Step[] {
  const isOld = (begun: number): boolean => clock.now() - begun > OLD_MS;
  const uploads = async (request: RequestContext): Promise<StepOutcome> => {
    const open: ListedUpload[] = [];
    for await (const upload of store.listUploads(place, request)) open.push(upload);
    for (const { path, uploadId, begun } of open) {
      if (path.startsWith(OURS) && isOld(begun)) await store.abortUpload(place, { path, uploadId }, request);
    }
    return `${open.length} open`;
  };
  const list = async (request: RequestContext): Promise<StepOutcome> => `${(await listed(request)).length} test blobs`;
  const remove = async (request: RequestContext): Promise<StepOutcome> => {
    // Erasures also abort uploads under names of envelopes, where none was ever begun.
    const envelope = envelopePath(DOCTOR_TENANT, recording, newId('dep'));
    await store.abortUpload(place, { path: envelope, uploadId: 'doctor-6' }, request);
    for (const path of paths.size > 0 ? paths : [envelope]) await store.delete(place, path, request);
    const remaining = await listed(request);
    if (remaining.some((path) => path.includes(recording)))
      throw new VaultError('store_unavailable', 'a deleted blob is still there');
    const old = remaining.filter((path) => isOld(idTime(path.split('/')[3] ?? '')));
    for (const path of old) await store.delete(place, path, request);
    return old.length === 0 ? 'nothing is left' : `and ${old.length} from earlier runs`;
  };

  async function listed(request: RequestContext): Promise<string[]> {
    const found: string[] = [];
    for await (const { path } of store.list(place, OURS, request)) found.push(path);
    return found;
  }
  return [
    { name: 'list uploads', run: uploads },
    { name: 'list blobs', run: list },
    { name: 'delete every version', run: remove },
  ];
}
