// The doctor over the double: it names each denied action, and leaves nothing.
import { execFile } from 'node:child_process';
import { ListKeysCommand, ListResourceTagsCommand } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Composed } from '../../src/compose.ts';
import { readConfig } from '../../src/config.ts';
import type { ProcessRole } from '../../src/model/duties.ts';
import type { StoreLocation } from '../../src/model/tenant.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { deposit } from '../../src/vault/deposit/deposit.ts';
import { newKeyStepGroup } from '../../src/vault/doctor/key-steps.ts';
import { runDoctor, type StepResult } from '../../src/vault/doctor/run-doctor.ts';
import { DOCTOR_TENANT, type StepGroup } from '../../src/vault/doctor/step.ts';
import { operatorStepGroups, processStepGroups, rewrapStepGroups } from '../../src/vault/doctor/step-groups.ts';
import { maintainIngestKeys } from '../../src/vault/keys/ingest/maintain.ts';
import { type Role, TABLE } from '../docs/iam-table.ts';
import { builtBin } from '../support/built.ts';
import { cleanEnvironment } from '../support/clean-environment.ts';
import { CALLER } from '../support/double/adapters.ts';
import { kmsAt } from '../support/double/clients.ts';
import { doubleDeployment, everythingIn, policyTemplate } from '../support/double/deployment.ts';
import { type Double, startDouble } from '../support/double/double.ts';
import { composeDeployment, createStaffedTenant, type Deployment, minuteSignal } from '../support/fault-deployment.ts';
import { sealedIn } from '../support/signer-file.ts';
import { callAudio, wavOf } from '../support/vault.ts';

/**
 * Granted, and not tried by the doctor: it would need a body that breaks off, no code calls it, or it cannot be undone.
 */
const NOT_DONE: readonly string[] = [
  ...['s3:GetObjectVersion', 's3:ListMultipartUploadParts', 'kms:GetKeyRotationStatus', 'kms:RotateKeyOnDemand'],
];
/** Not tried for a re-wrap either, since the doctor only tries one. */
const NOT_DONE_FOR_REWRAP: readonly string[] = [...NOT_DONE, 's3:DeleteObjectVersion', 's3:ListBucketVersions'];

const by = operatorActor('op-1');
const ROLES = ['all', 'ingest', 'listen', 'console', 'work', 'operator', 'rewrap'] as const;

let double: Double;
let deployment: Deployment;
let place: StoreLocation;
let open: Composed;
let before: string[];

beforeAll(async () => {
  double = await startDouble();
  ({ deployment, place } = await doubleDeployment(double, CALLER));
  const env = { ...deployment.env, ...sealedIn(deployment.folder) };
  deployment = { ...deployment, env, config: readConfig(env) };
  open = await composeDeployment(deployment);
  const { tenant } = await createStaffedTenant(open.vault, 'Harbour Bank');
  const principal = 'svc_00000000000000000000000000';
  const who = { tenant, principal, kind: 'service', roles: ['uploader'], scopes: ['ingest'], auth: 'api-key' } as const;
  const what = callAudio('a', wavOf(20_000));
  await deposit(open.vault, { ...who, humans: [] }, what, minuteSignal());
  await maintainIngestKeys(open.vault, minuteSignal());
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

/** All results of a role, or of an operator, with a new key where keys may be created. */
async function examined(role: Role): Promise<StepResult[]> {
  const { vault } = open;
  for (const { tenant } of await vault.db.read((rows) => rows.tenants.all(), minuteSignal()))
    vault.metadataKeys.drop(tenant);
  const parts = [...(await partsFor(role))];
  if (role === 'operator') parts.push(newKeyStepGroup(vault));
  const found: StepResult[] = [];
  for await (const finding of runDoctor(vault, parts)) found.push(finding);
  return found;
}

function partsFor(role: Role): Promise<readonly StepGroup[]> {
  if (role === 'rewrap') return rewrapStepGroups(open.vault, by);
  return role === 'operator' ? operatorStepGroups(open.vault, by) : processStepGroups(as(role), by);
}

/** Deletes the doctor's test key. */
async function withoutKey(): Promise<void> {
  const kms = kmsAt(double);
  const { Keys = [] } = await kms.send(new ListKeysCommand({}));
  for (const { KeyArn = '' } of Keys) {
    const { Tags = [] } = await kms.send(new ListResourceTagsCommand({ KeyId: KeyArn }));
    if (Tags.some(({ TagValue }) => TagValue === DOCTOR_TENANT)) await double.destroyKey(KeyArn);
  }
  kms.destroy();
}

function namedIn(text: string): string[] {
  return [...new Set([...text.matchAll(/access denied: (\S+)/g)].map(([, name]) => name ?? ''))];
}

const textOf = (found: readonly StepResult[]): string => found.map(({ detail }) => detail).join('\n');
const actionsOf = (role: Role): string[] => Object.keys(TABLE).filter((action) => TABLE[action]?.[role] !== undefined);

const DENIALS = ROLES.flatMap((role) => actionsOf(role).map((action) => [role, action] as const));

describe('the doctor', () => {
  it.each(ROLES)('finds no failure for %s under its template, and leaves no trace', async (role) => {
    await withoutKey();
    await double.policy(CALLER, policyTemplate(role, place));
    const found = await examined(role);
    await double.policy(CALLER, null);
    expect(found.filter(({ state }) => state !== 'ok')).toEqual([]);
    expect(found.length).toBeGreaterThan(3);
    // A process that may not delete leaves its blobs to one that may.
    if (role === 'ingest') expect((await everythingIn(double, place)).length).toBe(before.length + 3);
    await cleaned();
    expect(await everythingIn(double, place)).toEqual(before);
  });

  it.each(DENIALS)('names for %s exactly the denied action: %s', async (role, action) => {
    await withoutKey();
    await double.deny({ action });
    const found = await examined(role);
    await double.deny();
    const named = namedIn(textOf(found));
    const notDone = role === 'rewrap' ? NOT_DONE_FOR_REWRAP : NOT_DONE;
    expect(named).toEqual(notDone.includes(action) ? [] : [action]);
    expect(found.some(({ state }) => state === 'failed')).toBe(named.length > 0);
    for (const { state, detail } of found) if (state === 'failed') expect(detail).toBe(`access denied: ${action}`);
    await cleaned();
  });
});

/** Deletes the blobs that earlier runs left, by a run an hour later. */
async function cleaned(): Promise<void> {
  const later = { ...open.vault.clock, now: () => Date.now() + 3_600_000 };
  const vault = { ...open.vault, clock: later };
  for await (const { state } of runDoctor(vault, await processStepGroups(vault, by))) expect(state).not.toBe('failed');
}

describe('the command', () => {
  const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    new Promise<{ code: number; out: string }>((resolve) => {
      const command = [builtBin(), 'doctor', ...args];
      const options = { env: { ...cleanEnvironment(), ...deployment.env, ...env } };
      execFile(process.execPath, command, options, (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, out: `${stdout}${stderr}` });
      });
    });

  it('prints the engines, a line per step, and success', async () => {
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
    expect(out).toMatch(/✓ no step failed: \d+ checked/);
    expect(code).toBe(0);
    expect(await everythingIn(double, place)).toEqual(before);
  });

  it('exits with 1 and names what is denied', async () => {
    await double.deny({ action: 's3:PutObject' });
    const { code, out } = await run([]);
    await double.deny();
    expect(namedIn(out)).toEqual(['s3:PutObject']);
    expect(out).toMatch(/✗ \d of \d+ steps failed/);
    expect(code).toBe(1);
  });
});
