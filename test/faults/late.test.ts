// An upload that loses its lease while it writes: its late writes are deleted, and no client gets a 201 for them.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasCode, VaultError } from '../../src/errors.ts';
import { statusOf } from '../../src/http/problems.ts';
import type { Caller } from '../../src/model/principal.ts';
import { systemActor } from '../../src/vault/core/events/events.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { beginAbort, finishAbort } from '../../src/vault/deposit/abort.ts';
import { deposit } from '../../src/vault/deposit/deposit.ts';
import { recoverDeposit } from '../../src/vault/deposit/recover-stale.ts';
import { authenticateApiKey, parseApiKeyId } from '../../src/vault/people/api-keys.ts';
import { wavHeader } from '../support/fault-client.ts';
import {
  composeDeployment,
  createStaffedTenant,
  type Deployment,
  filesUnder,
  minuteSignal,
  newDeployment,
  type StaffedTenant,
} from '../support/fault-deployment.ts';

let deployment: Deployment;
let close: () => Promise<void>;
let vault: Vault;
let people: StaffedTenant;
let by: Caller;

beforeAll(async () => {
  deployment = await newDeployment();
  const made = await composeDeployment(deployment);
  ({ vault, close } = made);
  people = await createStaffedTenant(vault, 'Harbour Bank');
  const secret = people.depositor;
  by = await authenticateApiKey(vault, { id: parseApiKeyId(secret), secret }, minuteSignal());
});
afterAll(async () => {
  await close();
  await deployment.remove();
});

/** Aborts whatever is in this state, as another process would that has taken the lease. */
async function giveUpUnderway(state: 'UPLOADING' | 'COMMITTING'): Promise<void> {
  const tenant = await vault.db.read((rows) => rows.tenants.find(people.tenant), minuteSignal());
  // Far in the future every lease has expired.
  const rows = await vault.db.read((found) => found.deposits.stale('9999', 10), minuteSignal());
  if (tenant === null) throw new Error('no tenant');
  expect(rows.map((row) => row.state)).toEqual([state]);
  for (const row of rows) {
    const aborting = await beginAbort(vault, systemActor(vault.settings), row, 'abandoned', minuteSignal());
    await finishAbort(vault, tenant, aborting, minuteSignal());
  }
}

async function* once(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** 503 with Retry-After: some uploaders take a 409 for "already stored" and delete their file. */
async function expectComeAgain(depositing: Promise<unknown>): Promise<void> {
  const error: unknown = await depositing.catch((thrown: unknown) => thrown);
  if (!hasCode(error, 'upload_in_progress', 'store_unavailable')) throw error;
  expect(statusOf(error.code)).toBe(503);
  expect(error.retryAfter).toBeGreaterThan(0);
}

describe('an upload that loses its lease while it writes', () => {
  it.each([
    ['put', 'COMMITTING'],
    ['beginUpload', 'UPLOADING'],
    ['putPart', 'UPLOADING'],
  ] as const)('leaves nothing where that happens before %s', async (step, state) => {
    const before = await filesUnder(deployment.store);
    let done = false;
    const late = async <T>(write: () => Promise<T>): Promise<T> => {
      const first = !done;
      done = true;
      if (first) await giveUpUnderway(state);
      return write();
    };
    const slow = {
      ...vault.store,
      [step]: (...given: unknown[]) => late(() => Reflect.apply(vault.store[step], vault.store, given)),
    };
    const size = step === 'put' ? 1_000 : 9 * 1024 * 1024;
    const bytes = Buffer.concat([wavHeader(size), Buffer.alloc(size)]);
    const metadata = { source: 'pbx', callId: `late-${step}`, leg: '0' };
    const body = { bytes: once(bytes), length: bytes.length, sha256: null, whole: () => true };
    const what = { target: { metadata }, name: 'audio', type: 'audio/wav', body };
    const depositing = deposit({ ...vault, store: slow }, by, what, minuteSignal());
    await expectComeAgain(depositing);
    expect(done).toBe(true);
    expect(await filesUnder(deployment.store)).toEqual(before);
    expect(await vault.db.read((rows) => rows.deposits.stale('9999', 10), minuteSignal())).toEqual([]);
  });

  it.each([
    ['it commits to its bytes', 2, 'UPLOADING', null],
    ['it is made available', 3, 'COMMITTING', null],
    ['its one part is made available', 2, 'COMMITTING', 1_044],
  ] as const)('gets a retryable error where that happens before %s', async (when, nth, state, length) => {
    const before = await filesUnder(deployment.store);
    let changes = 0;
    const change: Vault['db']['change'] = async (work, wait) => {
      if (++changes === nth) await giveUpUnderway(state);
      return vault.db.change(work, wait);
    };
    const bytes = Buffer.concat([wavHeader(1_000), Buffer.alloc(1_000)]);
    const what = () => {
      const body = { bytes: once(bytes), length, sha256: null, whole: () => true };
      const metadata = { source: 'pbx', callId: when, leg: '0' };
      return { target: { metadata }, name: 'audio', type: 'audio/wav', body };
    };
    await expectComeAgain(deposit({ ...vault, db: { ...vault.db, change } }, by, what(), minuteSignal()));
    expect(changes).toBeGreaterThanOrEqual(nth);
    expect(await filesUnder(deployment.store)).toEqual(before);
    expect(await deposit(vault, by, what(), minuteSignal())).toMatchObject({ created: true });
  });

  it('gets the same error where its lease is taken while its body arrives', async () => {
    const hasty: Vault = { ...vault, settings: { ...vault.settings, leaseSeconds: 0.3 } };
    const bytes = Buffer.concat([wavHeader(100_000), Buffer.alloc(100_000)]);
    const slow = async function* (): AsyncGenerator<Uint8Array> {
      yield bytes.subarray(0, 70_000);
      await giveUpUnderway('UPLOADING');
      await sleep(500);
      yield bytes.subarray(70_000);
    };
    const body = { bytes: slow(), length: null, sha256: null, whole: () => true };
    const metadata = { source: 'pbx', callId: 'late-lease', leg: '0' };
    await expectComeAgain(
      deposit(hasty, by, { target: { metadata }, name: 'audio', type: 'audio/wav', body }, minuteSignal()),
    );
  });
});

describe('an upload that the store failed', () => {
  it('is answered soon, however long the abort takes: recovery repeats it', async () => {
    const patience: number[] = [];
    // The fault begins once the abort waits for the store, however fast the machine is.
    const late = new AbortController();
    const deadline = (milliseconds: number): AbortSignal => {
      patience.push(milliseconds);
      return late.signal;
    };
    const store: Vault['store'] = {
      ...vault.store,
      put: () => Promise.reject(new VaultError('store_unavailable', 'planted')),
      abortUpload: (_place, _upload, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason));
          late.abort(new DOMException('in time', 'TimeoutError'));
        }),
    };
    const bytes = Buffer.concat([wavHeader(1_000), Buffer.alloc(1_000)]);
    const body = { bytes: once(bytes), length: bytes.length, sha256: null, whole: () => true };
    const what = {
      target: { metadata: { source: 'pbx', callId: 'stuck', leg: '0' } },
      name: 'audio',
      type: 'audio/wav',
    };
    const failing = { ...vault, store, clock: { ...vault.clock, deadline } };
    await expect(deposit(failing, by, { ...what, body }, minuteSignal())).rejects.toMatchObject({
      code: 'store_unavailable',
    });
    expect(patience.at(-1)).toBeLessThanOrEqual(10_000);
    const left = await vault.db.read((rows) => rows.deposits.stale('9999', 10), minuteSignal());
    expect(left.map(({ state }) => state)).toEqual(['ABORTING']);
    const later = { ...vault, clock: { ...vault.clock, now: () => Date.now() + 61_000 } };
    for (const row of left) expect(await recoverDeposit(later, row, minuteSignal())).toBe(true);
  });
});
