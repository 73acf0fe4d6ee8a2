// A try that lost its lease while it was writing: what comes late is deleted, and nobody is told that it is there.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Caller } from '../../src/model/principal.ts';
import { beginAbort, finishAbort } from '../../src/vault/deposit/abort.ts';
import { deposit } from '../../src/vault/deposit/deposit.ts';
import { systemActor } from '../../src/vault/log/events.ts';
import { authenticate } from '../../src/vault/people/api-keys.ts';
import type { Vault } from '../../src/vault/vault.ts';
import { wavHeader } from '../support/fault-client.ts';
import {
  composed,
  type Deployment,
  filesUnder,
  minute,
  newDeployment,
  type Staffed,
  staff,
} from '../support/fault-deployment.ts';

let deployment: Deployment;
let close: () => Promise<void>;
let vault: Vault;
let people: Staffed;
let by: Caller;

beforeAll(async () => {
  deployment = await newDeployment();
  const made = await composed(deployment);
  ({ vault, close } = made);
  people = await staff(vault, 'Harbour Bank', { admin: 'Ann', approver: 'Sue', reviewer: 'Rita' });
  by = await authenticate(vault, people.depositor, minute());
});
afterAll(async () => {
  await close();
  await deployment.remove();
});

/** Gives up whatever is UPLOADING, as another process would that had taken the lease. */
async function giveUpUnderway(): Promise<void> {
  const tenant = await vault.db.read((rows) => rows.tenants.find(people.tenant), minute());
  // Far in the future every lease is over.
  const rows = await vault.db.read((found) => found.deposits.unsettled('9999', 10), minute());
  if (tenant === null) throw new Error('no tenant');
  expect(rows.map(({ state }) => state)).toEqual(['UPLOADING']);
  for (const row of rows) {
    const aborting = await beginAbort(vault, systemActor(vault.settings), row, 'abandoned', minute());
    await finishAbort(vault, tenant, aborting, minute());
  }
}

async function* once(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}

describe('a try that lost its deposit while it was writing', () => {
  it.each(['put', 'beginUpload', 'putPart'] as const)('leaves nothing where that happens before %s', async (step) => {
    const before = await filesUnder(deployment.store);
    let done = false;
    const late = async <T>(write: () => Promise<T>): Promise<T> => {
      if (!done) await giveUpUnderway();
      done = true;
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
    const what = { aim: { metadata }, name: 'audio', type: 'audio/wav', body };
    const depositing = deposit({ ...vault, store: slow }, by, what, minute());
    await expect(depositing).rejects.toMatchObject({ code: expect.stringMatching(/^(conflict|blob_missing)$/) });
    expect(done).toBe(true);
    expect(await filesUnder(deployment.store)).toEqual(before);
    expect(await vault.db.read((rows) => rows.deposits.unsettled('9999', 10), minute())).toEqual([]);
  });
});
