// Erasing over S3 with versions and KMS, each process under its template: the service deletes every version.
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Composed } from '../../src/compose.ts';
import type { StoreLocation } from '../../src/model/tenant.ts';
import { entryStorer } from '../../src/vault/amendments/store-entries.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { deposit } from '../../src/vault/deposit/deposit.ts';
import { continueErasures } from '../../src/vault/erasure/continue-erasures.ts';
import { eraseRecording } from '../../src/vault/erasure/erase-recording.ts';
import { runStartupTasks } from '../../src/work.ts';
import { s3At } from '../support/double/clients.ts';
import { actAsCaller, doubleDeployment, everythingIn, policyTemplate } from '../support/double/deployment.ts';
import { type Double, startDouble } from '../support/double/double.ts';
import { addEntries } from '../support/entries.ts';
import { composeDeployment, createStaffedTenant, type Deployment, minuteSignal } from '../support/fault-deployment.ts';
import { someEvent } from '../support/fixture-rows.ts';
import { callAudio, wavOf } from '../support/vault.ts';

let double: Double;
let deployment: Deployment;
let place: StoreLocation;
let open: Composed | null = null;

beforeAll(async () => {
  double = await startDouble();
  ({ deployment, place } = await doubleDeployment(double, 'MAKER'));
  for (const role of ['operator', 'work'] as const) {
    await double.policy(role.toUpperCase(), policyTemplate(role, place));
  }
});
afterAll(async () => {
  await open?.close();
  await deployment?.remove();
  await double?.close();
});

async function as(caller: string): Promise<Vault> {
  await open?.close();
  actAsCaller(caller);
  open = await composeDeployment(deployment);
  await double.forgetCalls();
  return open.vault;
}

it('leaves no version and no marker, and makes no call that the templates deny', async () => {
  let vault = await as('MAKER');
  const { tenant } = await createStaffedTenant(vault, 'Harbour Bank');
  const depositor = { tenant, principal: 'svc_00000000000000000000000000', kind: 'service', auth: 'api-key' } as const;
  const caller = { ...depositor, roles: ['uploader'], scopes: ['ingest'], humans: [] } as const;
  const put = async (callId: string, size: number): Promise<string> => {
    const what = callAudio(callId, wavOf(size));
    return (await deposit(vault, caller, what, minuteSignal())).recording;
  };
  const [recording, kept] = [await put('call-1', 9_000_000), await put('call-2', 1000)];
  const named = async (of: string) => (await everythingIn(double, place)).filter((name) => name.includes(of));
  const [envelope = ''] = (await named(recording)).filter((name) => name.includes('/e/'));
  const s3 = s3At(double);
  const another = (Key: string) => s3.send(new PutObjectCommand({ Bucket: place.bucket, Key, Body: 'a re-wrap' }));
  await another(envelope);
  expect(await named(recording)).toHaveLength(4);
  await addEntries(vault, tenant, recording, 3);
  await addEntries(vault, tenant, kept, 1);

  vault = await as('WORK');
  expect(await entryStorer(vault, () => undefined)(minuteSignal())).toBe(4);
  // The blob of a crash before its mark is read and compared.
  await vault.db.change(async (tx) => {
    const rows = await tx.amendments.page(tenant, kept, 0, 1);
    await tx.amendments.deleteOf(tenant, kept);
    for (const row of rows) await tx.amendments.insert({ ...row, stored: false });
    return { result: null, events: [someEvent(tenant)] };
  }, minuteSignal());
  expect(await entryStorer(vault, () => undefined)(minuteSignal())).toBe(1);
  // An admin hides one entry behind a marker.
  const [hidden = ''] = (await named(recording)).filter((name) => name.includes('/a/'));
  await s3.send(new DeleteObjectCommand({ Bucket: place.bucket, Key: hidden }));
  expect(await named(recording)).toHaveLength(8);
  expect((await double.calls()).filter(({ code }) => code?.startsWith('AccessDenied'))).toEqual([]);

  vault = await as('OPERATOR');
  const by = operatorActor('op-1');
  const { erasure } = await eraseRecording(vault, by, { tenant, recording, reason: 'request' }, minuteSignal());
  expect(await double.calls()).toEqual([]);

  vault = await as('WORK');
  const failed: unknown[] = [];
  await runStartupTasks(vault, (_, error) => failed.push(error));
  expect(failed).toEqual([]);
  expect(await continueErasures(vault, minuteSignal())).toBe(1);
  const tombstone = `${place.prefix}/${erasure.tombstone}`;
  expect([await named(recording), await named(`${tenant}/x/`)]).toEqual([[], [tombstone]]);
  await another(envelope);
  await another(`${place.prefix}/t/${tenant}/r/${recording}/dep_late/audio`);
  const waiting = await vault.db.read((rows) => rows.erasures.find(tenant, recording), minuteSignal());
  if (waiting === null) throw new Error('no erasure');
  // Three minutes passed.
  await vault.db.note(({ erasures }) => erasures.take(waiting, erasure.begun), minuteSignal());
  expect(await continueErasures(vault, minuteSignal())).toBe(1);
  expect([await named(recording), await named(`${tenant}/x/`)]).toEqual([[], [tombstone]]);
  expect(await named(kept)).toHaveLength(4);
  const row = await vault.db.read((rows) => rows.recordings.find(tenant, recording), minuteSignal());
  expect(row?.state).toBe('ERASED');
  expect((await double.calls()).filter(({ code }) => code?.startsWith('AccessDenied'))).toEqual([]);
  s3.destroy();
});
