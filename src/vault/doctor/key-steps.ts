// The doctor's steps for the key service: every call that a process or an operator makes, under the same contexts.
import { newId } from '../../bytes/ids.ts';
import { keyContext } from '../../envelope/key-context.ts';
import { VaultError } from '../../errors.ts';
import type { Actor } from '../../model/audit-event.ts';
import { type KeyReference, keyOf, type Tenant } from '../../model/tenant.ts';
import type { DepositKey } from '../../ports/rows/wrapped-key-rows.ts';
import { event, writeEvent } from '../core/events/events.ts';
import { hasDuty } from '../core/process-role.ts';
import type { RequestContext } from '../core/request-context.ts';
import { proveKey } from '../core/tenants/prove-key.ts';
import { unwrapDataKey } from '../core/wrapped-keys/data-keys.ts';
import { DOCTOR_TENANT, type DoctorDeps, type Step, type StepGroup } from './step.ts';

/** The steps for a tenant's key: what this process's role does with it. */
export function processKeySteps(vault: DoctorDeps, by: Actor, tenant: Tenant): readonly Step[] {
  const { role } = vault.settings;
  const ingest = [
    ...(hasDuty(role, 'settle') ? [generateIngestKeyStep(vault, tenant)] : []),
    ...(hasDuty(role, 'deposit') ? [openIngestKeyStep(vault, tenant)] : []),
  ];
  const always = [openMetadataKeyStep(vault, tenant), describeKeyStep(vault, tenant), ...ingest];
  const opening = hasDuty(role, 'settle') || hasDuty(role, 'media') ? [openStoredKeyStep(vault, by, tenant)] : [];
  // In volume mode the key service generates no data keys for deposits.
  if (tenant.volume) return role === 'console' ? always : [...always, openKekStep(vault, tenant), ...opening];
  const dataKey = dataKeySteps(vault, by, tenant);
  if (hasDuty(role, 'deposit')) return [...always, dataKey.generate, ...(hasDuty(role, 'settle') ? dataKey.open : [])];
  return [...always, ...opening];
}

/** The steps for a tenant's key: what operators' commands do with it. */
export function operatorKeySteps(vault: DoctorDeps, by: Actor, tenant: Tenant): readonly Step[] {
  const prove = async (request: RequestContext): Promise<string> => {
    await recordKeyUse(vault, by, tenant, {}, request);
    await proveKey(vault, keyOf(tenant), tenant.tenant, request);
    return 'it unwraps what it wraps';
  };
  const steps = [
    openMetadataKeyStep(vault, tenant),
    describeKeyStep(vault, tenant),
    { name: 'prove the key', run: prove },
    generateIngestKeyStep(vault, tenant),
  ];
  return tenant.volume ? [...steps, generateKekStep(vault, by, tenant)] : steps;
}

/** The steps for a test key: created once, for no tenant, and found again by every later run. */
export function newKeyStepGroup(vault: DoctorDeps): StepGroup {
  let made: KeyReference | null = null;
  const make = async (request: RequestContext): Promise<string> => {
    made = await vault.keys.createKey(DOCTOR_TENANT, 1, request);
    return made.id;
  };
  const prove = async (request: RequestContext) => {
    if (made === null) return { skipped: 'there is no new key' };
    await proveKey(vault, made, DOCTOR_TENANT, request);
    return 'it unwraps what it wraps';
  };
  const name = async (request: RequestContext) => {
    if (made === null) return { skipped: 'there is no new key' };
    await vault.keys.nameKey(DOCTOR_TENANT, made, request);
    return 'as before';
  };
  const metadata = async (request: RequestContext) => {
    if (made === null) return { skipped: 'there is no new key' };
    const context = keyContext({ use: 'metadata', tenant: DOCTOR_TENANT, wrap: 1 });
    const { dataKey, id, wrapped } = await vault.keys.generateDataKey(made, context, request);
    dataKey.zero();
    (await vault.keys.unwrap({ scheme: made.scheme, id, wrapped }, context, request)).zero();
    return 'opened';
  };
  const steps = [
    { name: 'create a key', run: make },
    { name: 'name it', run: name },
    { name: 'prove it', run: prove },
    { name: 'generate a metadata key', run: metadata },
  ];
  return { name: 'new key', steps };
}

export function openMetadataKeyStep(vault: DoctorDeps, tenant: Tenant): Step {
  const run = async (request: RequestContext): Promise<string> => {
    await vault.metadataKeys.get(tenant, request);
    return 'opened';
  };
  return { name: 'open the metadata key', run };
}

/** Opens the KEK of the tenant's generation, as making a data key does. */
export function openKekStep(vault: DoctorDeps, tenant: Tenant): Step {
  const run = async (request: RequestContext): Promise<string> => {
    await vault.tenantKeks.lend(tenant.tenant, tenant.wrap, () => undefined, request);
    return 'opened';
  };
  return { name: 'open the tenant KEK', run };
}

/** Opens the tenant's current ingest key, as taking in a sealed file does. */
function openIngestKeyStep(vault: DoctorDeps, tenant: Tenant): Step {
  const run = async (request: RequestContext) => {
    const row = await vault.db.read((rows) => rows.ingestKeys.current(tenant.tenant), request);
    if (row === null) return { skipped: 'there is no ingest key yet' };
    await vault.ingestKeys.get(tenant, row.id, request);
    return 'opened';
  };
  return { name: 'open the ingest key', run };
}

/** Generates an ingest key's seed and keeps nothing of it. Operators may not open one. */
function generateIngestKeyStep(vault: DoctorDeps, tenant: Tenant): Step {
  const run = async (request: RequestContext): Promise<string> => {
    const context = keyContext({ use: 'ingest', tenant: tenant.tenant, wrap: tenant.wrap });
    (await vault.keys.generateDataKey(keyOf(tenant), context, request)).dataKey.zero();
    return 'for no sender';
  };
  return { name: 'generate an ingest key', run };
}

/** Generates a KEK and opens it, as a rotation in volume mode does; keeps nothing of it. */
function generateKekStep(vault: DoctorDeps, by: Actor, tenant: Tenant): Step {
  const run = async (request: RequestContext): Promise<string> => {
    const context = keyContext({ use: 'kek', tenant: tenant.tenant, wrap: tenant.wrap });
    await recordKeyUse(vault, by, tenant, {}, request);
    const { dataKey, ...wrapped } = await vault.keys.generateDataKey(keyOf(tenant), context, request);
    dataKey.zero();
    (await vault.keys.unwrap({ ...keyOf(tenant), ...wrapped }, context, request)).zero();
    return 'opened';
  };
  return { name: 'generate a tenant KEK', run };
}

/** Reads the state of the tenant's key. */
export function describeKeyStep(vault: DoctorDeps, tenant: Tenant): Step {
  const run = async (request: RequestContext): Promise<string> => {
    const state = await vault.keys.describe(keyOf(tenant), request);
    if (state !== 'enabled') throw new VaultError('key_refused', `the key is ${state}`);
    return state;
  };
  return { name: 'describe the key', run };
}

/** Generates a data key for a deposit that is never made, and opens it, as finishing a deposit does. */
function dataKeySteps(
  vault: DoctorDeps,
  by: Actor,
  tenant: Tenant,
): { readonly generate: Step; readonly open: readonly Step[] } {
  const id = { recording: newId('rec'), deposit: newId('dep') };
  const of = { use: 'object', tenant: tenant.tenant, ...id } as const;
  const context = keyContext({ ...of, wrap: tenant.wrap });
  const nothing = { skipped: 'there is no data key' };
  let generated: (KeyReference & { readonly wrapped: Uint8Array }) | null = null;

  const generate = async (request: RequestContext): Promise<string> => {
    const key = keyOf(tenant);
    const answer = await vault.keys.generateDataKey(key, context, request);
    answer.dataKey.zero();
    generated = { scheme: key.scheme, id: answer.id, wrapped: answer.wrapped };
    return 'for no deposit';
  };
  const unwrap = async (request: RequestContext) => {
    if (generated === null) return nothing;
    await recordKeyUse(vault, by, tenant, id, request);
    try {
      (await vault.keys.unwrap(generated, context, request)).zero();
    } catch (error) {
      generated = null;
      throw error;
    }
    return 'opened';
  };
  const reject = async (request: RequestContext) => {
    if (generated === null) return nothing;
    // Another generation: a policy may deny another tenant before the key service compares the context.
    const other = keyContext({ ...of, wrap: tenant.wrap + 1 });
    await recordKeyUse(vault, by, tenant, id, request);
    try {
      (await vault.keys.unwrap(generated, other, request)).zero();
    } catch (error) {
      if (error instanceof VaultError && error.code === 'key_refused') return 'rejected';
      throw error;
    }
    throw new VaultError('key_refused', 'the key service ignores the encryption context: callvault cannot use it');
  };
  return {
    generate: { name: 'generate a data key', run: generate },
    open: [
      { name: 'open it', run: unwrap },
      { name: 'reject another context', run: reject },
    ],
  };
}

/** Opens the data key of the newest recording: a process whose role generates no data keys has no other one to try. */
function openStoredKeyStep(vault: DoctorDeps, by: Actor, tenant: Tenant): Step {
  const run = async (request: RequestContext) => {
    const found = await newestDataKey(vault, tenant, request);
    if (found === null) return { skipped: 'there is no recording yet' };
    const { recording, deposit } = found;
    await recordKeyUse(vault, by, tenant, { recording, deposit }, request);
    (await unwrapDataKey(vault, tenant, { id: deposit, recording }, found, request)).zero();
    return 'opened';
  };
  return { name: 'open a recording’s key', run };
}

/** The wrapped data key of the newest recording, or null while there is none. */
export function newestDataKey(
  vault: DoctorDeps,
  { tenant }: Tenant,
  request: RequestContext,
): Promise<DepositKey | null> {
  return vault.db.read(async (rows) => {
    for (const { id: recording } of await rows.recordings.page(tenant, { indexes: [] }, null, 20)) {
      const [deposit] = await rows.deposits.available(tenant, recording);
      const key = deposit === undefined ? null : await rows.wrappedKeys.find(tenant, deposit.id);
      if (key !== null) return { ...key, recording };
    }
    return null;
  }, request);
}

/** Records in the tenant's log that the doctor uses its key, before the use. */
export async function recordKeyUse(
  vault: DoctorDeps,
  by: Actor,
  { tenant }: Tenant,
  what: { readonly recording?: string; readonly deposit?: string },
  request: RequestContext,
): Promise<void> {
  const object = { id: tenant, why: 'doctor', ...what } as const;
  await writeEvent(vault, event(tenant, by, 'key.used', object, request), request);
}
