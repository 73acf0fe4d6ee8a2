// The doctor over wrong settings: each ends in a line that says what to change, within bounded time.
import { join } from 'node:path';
import SqliteFile from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Composed, compose } from '../../src/compose.ts';
import { readConfig } from '../../src/config.ts';
import { hasCode } from '../../src/errors.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { runDoctor, type StepResult } from '../../src/vault/doctor/run-doctor.ts';
import { processStepGroups } from '../../src/vault/doctor/step-groups.ts';
import { maintainIngestKeys } from '../../src/vault/keys/ingest/maintain.ts';
import { CALLER } from '../support/double/adapters.ts';
import { doubleDeployment } from '../support/double/deployment.ts';
import { type Double, startDouble } from '../support/double/double.ts';
import { composeDeployment, createStaffedTenant, type Deployment, minuteSignal } from '../support/fault-deployment.ts';
import { sealedIn } from '../support/signer-file.ts';

const by = operatorActor('op-1');

let double: Double;
let deployment: Deployment;
let open: Composed;

beforeAll(async () => {
  double = await startDouble();
  ({ deployment } = await doubleDeployment(double, CALLER));
  const env = { ...deployment.env, ...sealedIn(deployment.folder) };
  deployment = { ...deployment, env, config: readConfig(env) };
  open = await composeDeployment(deployment);
  await createStaffedTenant(open.vault, 'Harbour Bank');
  await maintainIngestKeys(open.vault, minuteSignal());
});
afterAll(async () => {
  await open?.close();
  await deployment?.remove();
  await double?.close();
});

describe('a wrong setting', () => {
  const findings = async (vault: Vault): Promise<StepResult[]> => {
    const found: StepResult[] = [];
    for await (const finding of runDoctor(vault, await processStepGroups(vault, by))) found.push(finding);
    return found;
  };

  /** The first failure of each group, in bounded time. */
  const failures = async (
    env: Readonly<Record<string, string>>,
    within = 600_000,
  ): Promise<Readonly<Record<string, string>>> => {
    const config = readConfig({ ...deployment.env, ...env });
    const other = await compose(config, (error) => {
      throw error;
    });
    const start = performance.now();
    const first: Record<string, string> = {};
    for (const { group: part, state, detail } of await findings(other.vault)) {
      if (state === 'failed') first[part] ??= detail;
    }
    await other.close();
    expect(performance.now() - start).toBeLessThan(within);
    return first;
  };

  it('is named for a missing bucket', async () => {
    expect(await failures({ CALLVAULT_STORE: 's3://no-such-bucket' })).toEqual({
      'store no-such-bucket/': 'there is no such bucket: check its name and the Region',
    });
  });

  it('is named for a bucket of another Region', async () => {
    expect(Object.values(await failures({ AWS_REGION: 'eu-central-1' }))).toEqual([
      'the bucket is in another Region: check AWS_REGION',
    ]);
  });

  it('is named for a store and a key service that do not answer', async () => {
    const nowhere = 'http://127.0.0.1:9';
    const found = await failures({ CALLVAULT_S3_ENDPOINT: nowhere, CALLVAULT_KMS_ENDPOINT: nowhere });
    const said = [...new Set(Object.values(found))].sort();
    expect(said).toEqual([
      'no answer from KMS: check its endpoint, the Region and the network (ECONNREFUSED)',
      'no answer from S3: check its endpoint, the Region and the network (ECONNREFUSED)',
    ]);
  });

  it('is named for missing credentials', async () => {
    const nobody = join(deployment.folder, 'none');
    // The SDK looks for credentials in the environment: for this case it must find none there.
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) vi.stubEnv(name, undefined);
    for (const name of ['AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE']) vi.stubEnv(name, nobody);
    const found = await failures({});
    vi.unstubAllEnvs();
    expect(new Set(Object.values(found))).toEqual(
      new Set(['no credentials found: set them in the environment or give the process a role']),
    );
  });

  it.each([
    [
      { status: 403, code: 'RequestTimeTooSkewed' },
      'this machine’s clock is not that of S3: set it (RequestTimeTooSkewed)',
    ],
    [
      { status: 403, code: 'InvalidAccessKeyId' },
      'S3 does not accept the credentials: check them (InvalidAccessKeyId)',
    ],
    [
      { status: 403, code: 'SignatureDoesNotMatch' },
      'S3 does not accept the signature: check the secret key and this machine’s clock (SignatureDoesNotMatch)',
    ],
  ])('is named by the error of S3: %o', async (trouble, said) => {
    for (const operation of ['PutObject', 'CreateMultipartUpload', 'HeadObject', 'GetObject', 'ListObjectsV2']) {
      await double.fault({ kind: 'error', ...trouble, operation, times: null });
    }
    const found = await failures({});
    const listener = await failures({ CALLVAULT_ROLE: 'listen' });
    await double.clearFaults();
    expect(found).toEqual({ store: said });
    expect(listener).toEqual({ store: said });
  });

  it('is named for a key service that does not answer, in bounded time', async () => {
    await double.fault({ kind: 'black-hole', when: 'before', operation: 'Decrypt', times: null });
    const found = await failures({});
    await double.clearFaults();
    expect(Object.values(found)).toEqual([expect.stringMatching(/^no answer from KMS: check/)]);
  });

  it('is named for a store that never answers: the remaining steps are skipped', async () => {
    await double.fault({ kind: 'black-hole', when: 'before', operation: 'PutObject', times: null });
    const { clock } = open.vault;
    const hasty = { ...open.vault, clock: { ...clock, deadline: (ms: number) => clock.deadline(ms / 20) } };
    const found = await findings(hasty);
    await double.clearFaults();
    const [first, ...rest] = found.filter(({ group: part }) => part === 'store');
    expect(first).toMatchObject({ state: 'failed', detail: 'no answer in time: check endpoint and network' });
    expect(rest.map(({ state }) => state)).toEqual(Array(rest.length).fill('skipped'));
    expect(rest.length).toBeGreaterThan(5);
  });

  it('is named for a log that cannot grow', async () => {
    const file = new SqliteFile(deployment.database);
    file.exec("create trigger full before insert on audit_event begin select raise(abort, 'no space'); end");
    const found = await findings(open.vault);
    file.exec('drop trigger full');
    file.close();
    expect(found.find(({ step }) => step === 'append to the log')).toMatchObject({
      state: 'failed',
      detail: expect.stringMatching(/: check the disk of CALLVAULT_DATABASE, and that its user may write$/),
    });
  });

  it('is a warning for a store that ignores If-None-Match, since the database’s row guards the blobs', async () => {
    const { store } = open.vault;
    const careless = { ...store, put: overwriting(store) };
    const vault = { ...open.vault, store: careless };
    const found = await findings(vault);
    expect(found.filter(({ state }) => state !== 'ok')).toMatchObject([
      { step: 'reject overwriting it', state: 'warning', detail: expect.stringContaining('If-None-Match') },
      { step: 'reject overwriting tenant.json', state: 'warning' },
    ]);
  });
});

/** A store like Ceph in a bucket with versions: it accepts a second write of a name. */
function overwriting(store: Vault['store']): Vault['store']['put'] {
  return (...args) =>
    store.put(...args).catch((error: unknown) => {
      if (!hasCode(error, 'blob_exists')) throw error;
    });
}
