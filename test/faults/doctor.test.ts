// The doctor over the double: each action that is denied is the one that it names, and nothing of it is left.
// Long because every action that can be denied and every setting that can be wrong is a case.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { ListKeysCommand, ListResourceTagsCommand } from '@aws-sdk/client-kms';
import SqliteFile from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Composed, compose } from '../../src/compose.ts';
import { readConfig } from '../../src/config.ts';
import { hasCode } from '../../src/errors.ts';
import type { Place } from '../../src/model/tenant.ts';
import { deposit } from '../../src/vault/deposit/deposit.ts';
import { examine, type Finding } from '../../src/vault/doctor/examine.ts';
import { newKeyPart } from '../../src/vault/doctor/key-steps.ts';
import { operatorParts, processParts } from '../../src/vault/doctor/parts.ts';
import { NOBODY } from '../../src/vault/doctor/step.ts';
import { operatorActor } from '../../src/vault/log/events.ts';
import type { ProcessRole } from '../../src/vault/process-role.ts';
import type { Vault } from '../../src/vault/vault.ts';
import { type Role, TABLE } from '../docs/iam-table.ts';
import { CALLER } from '../support/double/adapters.ts';
import { kmsAt } from '../support/double/clients.ts';
import { doubleDeployment, everythingIn, filledIn } from '../support/double/deployment.ts';
import { type Double, startDouble } from '../support/double/double.ts';
import { composed, type Deployment, minute, staff } from '../support/fault-deployment.ts';
import { bodyOf, wavOf } from '../support/vault.ts';

/** Granted, and not done by the doctor: it would take a body that breaks off, or nothing in the service asks for it. */
const NOT_DONE: readonly string[] = ['s3:GetObjectVersion', 's3:ListMultipartUploadParts'];

const by = operatorActor('op-1');
const ROLES = ['all', 'ingest', 'listen', 'console', 'work'] as const;

let double: Double;
let deployment: Deployment;
let place: Place;
let open: Composed;
let before: string[];

beforeAll(async () => {
  double = await startDouble();
  ({ deployment, place } = await doubleDeployment(double, CALLER));
  open = await composed(deployment);
  const { tenant } = await staff(open.vault, 'Harbour Bank', { admin: 'Ann', approver: 'Sue', reviewer: 'Rita' });
  const principal = 'svc_00000000000000000000000000';
  const who = { tenant, principal, kind: 'service', roles: ['uploader'], scopes: ['ingest'], auth: 'api-key' } as const;
  const aim = { metadata: { source: 'pbx', callId: 'a', leg: '0' } } as never;
  const what = { aim, name: 'audio', type: 'audio/wav', body: bodyOf(wavOf(20_000)) };
  await deposit(open.vault, { ...who, humans: [] }, what, minute());
  before = await everythingIn(double, place);
});
afterAll(async () => {
  await open?.close();
  await deployment?.remove();
  await double?.close();
});

function as(role: ProcessRole): Vault {
  return { ...open.vault, settings: { ...open.vault.settings, role } };
}

/** All findings of a role's examination, or of an operator's with a new key. */
async function examined(role: Role): Promise<Finding[]> {
  const { vault } = open;
  for (const { tenant } of await vault.db.read((rows) => rows.tenants.all(), minute())) vault.metadataKeys.drop(tenant);
  const parts =
    role === 'operator' ? [...(await operatorParts(vault, by)), newKeyPart(vault)] : await processParts(as(role), by);
  const found: Finding[] = [];
  for await (const finding of examine(vault, parts)) found.push(finding);
  return found;
}

/** As if no doctor had asked for a key yet. */
async function withoutKey(): Promise<void> {
  const kms = kmsAt(double);
  const { Keys = [] } = await kms.send(new ListKeysCommand({}));
  for (const { KeyArn = '' } of Keys) {
    const { Tags = [] } = await kms.send(new ListResourceTagsCommand({ KeyId: KeyArn }));
    if (Tags.some(({ TagValue }) => TagValue === NOBODY)) await double.destroyKey(KeyArn);
  }
  kms.destroy();
}

function namedIn(text: string): string[] {
  return [...new Set([...text.matchAll(/access denied: (\S+)/g)].map(([, name]) => name ?? ''))];
}

const textOf = (found: readonly Finding[]): string => found.map(({ detail }) => detail).join('\n');
const actionsOf = (role: Role): string[] => Object.keys(TABLE).filter((action) => TABLE[action]?.[role] !== undefined);

const DENIALS = ([...ROLES, 'operator'] as const).flatMap((role) =>
  actionsOf(role).map((action) => [role, action] as const),
);

describe('the doctor', () => {
  it.each([...ROLES, 'operator'] as const)(
    'finds nothing amiss for %s under its template, and leaves no trace',
    async (role) => {
      await withoutKey();
      await double.policy(CALLER, filledIn(role, place));
      const found = await examined(role);
      await double.policy(CALLER, null);
      expect(found.filter(({ state }) => state !== 'ok')).toEqual([]);
      expect(found.length).toBeGreaterThan(3);
      // A process that may not delete leaves its blobs to one that may.
      if (role === 'ingest') expect((await everythingIn(double, place)).length).toBe(before.length + 3);
      await cleaned();
      expect(await everythingIn(double, place)).toEqual(before);
    },
  );

  it.each(DENIALS)('says to %s exactly what is denied: %s', async (role, action) => {
    await withoutKey();
    await double.deny({ action });
    const found = await examined(role);
    await double.deny();
    const named = namedIn(textOf(found));
    expect(named).toEqual(NOT_DONE.includes(action) ? [] : [action]);
    expect(found.some(({ state }) => state === 'failed')).toBe(named.length > 0);
    for (const { state, detail } of found) if (state === 'failed') expect(detail).toBe(`access denied: ${action}`);
    await cleaned();
  });
});

/** Blobs that an examination left are swept by a later one, as soon as they are old. */
async function cleaned(): Promise<void> {
  const later = { ...open.vault.clock, now: () => Date.now() + 3_600_000 };
  const vault = { ...open.vault, clock: later };
  for await (const { state } of examine(vault, await processParts(vault, by))) expect(state).not.toBe('failed');
}

describe('the command', () => {
  const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    new Promise<{ code: number; out: string }>((resolve) => {
      const command = ['--import', 'tsx', 'scripts/callvault.js', 'doctor', ...args];
      const options = { cwd: join(import.meta.dirname, '../..'), env: { ...process.env, ...deployment.env, ...env } };
      execFile(process.execPath, command, options, (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, out: `${stdout}${stderr}` });
      });
    });

  it('says which engines, a line a step, and that all is well', async () => {
    await withoutKey();
    const { code, out } = await run(['--new-key']);
    const [first, ...lines] = out
      .trim()
      .split('\n')
      .filter((line) => !line.includes('Warning'));
    expect(first).toMatch(
      /^callvault doctor · sqlite:.* · s3:\/\/place-\d+\/vaults\/one in us-east-1 at 127.* · kms: in us-east-1 at 127.* · role all · node node-1$/,
    );
    expect(lines.filter((line) => /^[✓✗!·] /.test(line)).every((line) => line.startsWith('✓'))).toBe(true);
    expect(out).toMatch(/✓ nothing stands in the way: \d+ steps/);
    expect(code).toBe(0);
    expect(await everythingIn(double, place)).toEqual(before);
  });

  it('ends with 1 and names what is denied', async () => {
    await double.deny({ action: 's3:PutObject' });
    const { code, out } = await run([]);
    await double.deny();
    expect(namedIn(out)).toEqual(['s3:PutObject']);
    expect(out).toMatch(/✗ \d of \d+ steps failed/);
    expect(code).toBe(1);
  });
});

describe('a setting that is wrong', () => {
  /** The first failure of each part, within a minute. */
  const failures = async (
    env: Readonly<Record<string, string>>,
    within = 60_000,
  ): Promise<Readonly<Record<string, string>>> => {
    const config = readConfig({ ...deployment.env, ...env });
    const other = await compose(config, (error) => {
      throw error;
    });
    const start = performance.now();
    const first: Record<string, string> = {};
    for await (const { part, state, detail } of examine(other.vault, await processParts(other.vault, by))) {
      if (state === 'failed') first[part] ??= detail;
    }
    await other.close();
    expect(performance.now() - start).toBeLessThan(within);
    return first;
  };

  it('is a bucket that is not there', async () => {
    expect(await failures({ CALLVAULT_STORE: 's3://no-such-bucket' })).toEqual({
      'store no-such-bucket/': 'there is no such bucket: check its name and the Region',
    });
  });

  it('is a bucket of another Region', async () => {
    expect(Object.values(await failures({ AWS_REGION: 'eu-central-1' }))).toEqual([
      'the bucket is in another Region: check AWS_REGION',
    ]);
  });

  it('is a store or a key service that nobody answers for', async () => {
    const nowhere = 'http://127.0.0.1:9';
    const found = await failures({ CALLVAULT_S3_ENDPOINT: nowhere, CALLVAULT_KMS_ENDPOINT: nowhere });
    const said = [...new Set(Object.values(found))].sort();
    expect(said).toEqual([
      'no answer from KMS: check its endpoint, the Region and the network (ECONNREFUSED)',
      'no answer from S3: check its endpoint, the Region and the network (ECONNREFUSED)',
    ]);
  });

  it('is no credentials at all', async () => {
    const nobody = join(deployment.folder, 'none');
    const kept = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE'];
    const were = Object.fromEntries(kept.map((name) => [name, process.env[name]]));
    for (const name of kept) delete process.env[name];
    Object.assign(process.env, { AWS_CONFIG_FILE: nobody, AWS_SHARED_CREDENTIALS_FILE: nobody });
    const found = await failures({});
    for (const [name, value] of Object.entries(were)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
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
  ])('is said by S3: %o', async (trouble, said) => {
    for (const operation of ['PutObject', 'CreateMultipartUpload', 'HeadObject', 'GetObject', 'ListObjectsV2']) {
      await double.fault({ kind: 'error', ...trouble, operation, times: null });
    }
    const found = await failures({});
    const listener = await failures({ CALLVAULT_ROLE: 'listen' });
    await double.clearFaults();
    expect(found).toEqual({ store: said });
    expect(listener).toEqual({ store: said });
  });

  it('is a key service that does not answer, in bounded time', { timeout: 90_000 }, async () => {
    await double.fault({ kind: 'black-hole', when: 'before', operation: 'Decrypt', times: null });
    const found = await failures({});
    await double.clearFaults();
    expect(Object.values(found)).toEqual([expect.stringMatching(/^no answer from KMS: check/)]);
  });

  it('is a store that takes requests and never answers: the rest is not tried', async () => {
    await double.fault({ kind: 'black-hole', when: 'before', operation: 'PutObject', times: null });
    const { clock } = open.vault;
    const hasty = { ...open.vault, clock: { ...clock, deadline: (ms: number) => clock.deadline(ms / 20) } };
    const found: Finding[] = [];
    for await (const finding of examine(hasty, await processParts(hasty, by))) found.push(finding);
    await double.clearFaults();
    const [first, ...rest] = found.filter(({ part }) => part === 'store');
    expect(first).toMatchObject({ state: 'failed', detail: 'no answer in time: check endpoint and network' });
    expect(rest.map(({ state }) => state)).toEqual(Array(rest.length).fill('skipped'));
    expect(rest.length).toBeGreaterThan(5);
  });

  it('is a log that cannot grow', async () => {
    const file = new SqliteFile(deployment.database);
    file.exec("create trigger full before insert on audit_event begin select raise(abort, 'no space'); end");
    const found = await examined('console');
    file.exec('drop trigger full');
    file.close();
    expect(found.find(({ step }) => step === 'append to the log')).toMatchObject({
      state: 'failed',
      detail: expect.stringMatching(/: check the disk of CALLVAULT_DATABASE, and that its user may write$/),
    });
  });

  it('is a store that ignores If-None-Match: the database’s row is the guard, so it is a warning', async () => {
    const { store } = open.vault;
    const careless = { ...store, put: overwriting(store) };
    const vault = { ...open.vault, store: careless };
    const found: Finding[] = [];
    for await (const finding of examine(vault, await processParts(vault, by))) found.push(finding);
    expect(found.filter(({ state }) => state !== 'ok')).toMatchObject([
      { step: 'create it once only', state: 'warning', detail: expect.stringContaining('If-None-Match') },
      { step: 'keep tenant.json', state: 'warning' },
    ]);
  });
});

/** As Ceph in a bucket with versions: a second write of a name is taken. */
function overwriting(store: Vault['store']): Vault['store']['put'] {
  return (...args) =>
    store.put(...args).catch((error: unknown) => {
      if (!hasCode(error, 'blob_exists')) throw error;
    });
}
