// What the doctor does with the key service: every call that a process or an operator makes, under contexts of their kind.
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
  const always = [openMetadataKeyStep(vault, tenant), describeKeyStep(vault, tenant)];
  const opening = hasDuty(role, 'settle') || hasDuty(role, 'media') ? [openStoredKeyStep(vault, by, tenant)] : [];
  // In volume mode the key service draws no data key for a deposit.
  if (tenant.volume) return role === 'console' ? always : [...always, openKekStep(vault, tenant), ...opening];
  const drawn = dataKeySteps(vault, by, tenant);
  if (hasDuty(role, 'deposit')) return [...always, drawn.draw, ...(hasDuty(role, 'settle') ? drawn.open : [])];
  return [...always, ...opening];
}

/** The steps for a tenant's key: what operators' commands do with it. */
export function operatorKeySteps(vault: DoctorDeps, by: Actor, tenant: Tenant): readonly Step[] {
  const prove = async (request: RequestContext): Promise<string> => {
    await recordKeyUse(vault, by, tenant, {}, request);
    await proveKey(vault, keyOf(tenant), tenant.tenant, request);
    return 'it gives back what it wraps';
  };
  const steps = [
    openMetadataKeyStep(vault, tenant),
    describeKeyStep(vault, tenant),
    { name: 'prove the key', run: prove },
  ];
  return tenant.volume ? [...steps, generateKekStep(vault, by, tenant)] : steps;
}

/** The steps for a key of the doctor's own: made once, for nobody, and found again by every later examination. */
export function newKeyStepGroup(vault: DoctorDeps): StepGroup {
  let made: KeyReference | null = null;
  const make = async (request: RequestContext): Promise<string> => {
    made = await vault.keys.createKey(DOCTOR_TENANT, 1, request);
    return made.id;
  };
  const prove = async (request: RequestContext) => {
    if (made === null) return { skipped: 'there is no new key' };
    await proveKey(vault, made, DOCTOR_TENANT, request);
    return 'it gives back what it wraps';
  };
  const name = async (request: RequestContext) => {
    if (made === null) return { skipped: 'there is no new key' };
    await vault.keys.nameKey(DOCTOR_TENANT, made, request);
    return 'where it led before';
  };
  const metadata = async (request: RequestContext) => {
    if (made === null) return { skipped: 'there is no new key' };
    const context = keyContext({ use: 'metadata', tenant: DOCTOR_TENANT, wrap: 1 });
    const { dataKey, id, wrapped } = await vault.keys.generateDataKey(made, context, request);
    dataKey.zero();
    (await vault.keys.unwrap({ scheme: made.scheme, id, wrapped }, context, request)).zero();
    return 'it opens';
  };
  const steps = [
    { name: 'make a key', run: make },
    { name: 'lead its name to it', run: name },
    { name: 'prove it', run: prove },
    { name: 'draw a metadata key', run: metadata },
  ];
  return { name: 'new key', steps };
}

/** Opens the tenant's metadata key. */
export function openMetadataKeyStep(vault: DoctorDeps, tenant: Tenant): Step {
  const run = async (request: RequestContext): Promise<string> => {
    await vault.metadataKeys.get(tenant, request);
    return 'it opens';
  };
  return { name: 'open the metadata key', run };
}

/** Opens the KEK of the tenant's generation, as whoever makes a data key does. */
export function openKekStep(vault: DoctorDeps, tenant: Tenant): Step {
  const run = async (request: RequestContext): Promise<string> => {
    await vault.tenantKeks.lend(tenant.tenant, tenant.wrap, () => undefined, request);
    return 'it opens';
  };
  return { name: 'open the tenant KEK', run };
}

/** Draws a KEK and opens it again, as turning the key of a tenant in volume mode does; nothing of it is kept. */
function generateKekStep(vault: DoctorDeps, by: Actor, tenant: Tenant): Step {
  const run = async (request: RequestContext): Promise<string> => {
    const context = keyContext({ use: 'kek', tenant: tenant.tenant, wrap: tenant.wrap });
    await recordKeyUse(vault, by, tenant, {}, request);
    const { dataKey, ...wrapped } = await vault.keys.generateDataKey(keyOf(tenant), context, request);
    dataKey.zero();
    (await vault.keys.unwrap({ ...keyOf(tenant), ...wrapped }, context, request)).zero();
    return 'it opens';
  };
  return { name: 'draw a tenant KEK', run };
}

/** Asks what state the tenant's key is in. */
export function describeKeyStep(vault: DoctorDeps, tenant: Tenant): Step {
  const run = async (request: RequestContext): Promise<string> => {
    const state = await vault.keys.describe(keyOf(tenant), request);
    if (state !== 'enabled') throw new VaultError('key_refused', `the key is ${state}`);
    return state;
  };
  return { name: 'look at the key', run };
}

/** Drawing a data key as for a deposit that never comes, and opening it as whoever finishes one does. */
function dataKeySteps(
  vault: DoctorDeps,
  by: Actor,
  tenant: Tenant,
): { readonly draw: Step; readonly open: readonly Step[] } {
  const id = { recording: newId('rec'), deposit: newId('dep') };
  const of = { use: 'object', tenant: tenant.tenant, ...id } as const;
  const context = keyContext({ ...of, wrap: tenant.wrap });
  const nothing = { skipped: 'there is no data key to try it with' };
  let drawn: (KeyReference & { readonly wrapped: Uint8Array }) | null = null;

  const draw = async (request: RequestContext): Promise<string> => {
    const key = keyOf(tenant);
    const answer = await vault.keys.generateDataKey(key, context, request);
    answer.dataKey.zero();
    drawn = { scheme: key.scheme, id: answer.id, wrapped: answer.wrapped };
    return 'for a deposit that never comes';
  };
  const unwrap = async (request: RequestContext) => {
    if (drawn === null) return nothing;
    await recordKeyUse(vault, by, tenant, id, request);
    try {
      (await vault.keys.unwrap(drawn, context, request)).zero();
    } catch (error) {
      drawn = null;
      throw error;
    }
    return 'it opens';
  };
  const refuse = async (request: RequestContext) => {
    if (drawn === null) return nothing;
    // Another generation, since a policy may refuse another tenant before the key service looks at the context.
    const other = keyContext({ ...of, wrap: tenant.wrap + 1 });
    await recordKeyUse(vault, by, tenant, id, request);
    try {
      (await vault.keys.unwrap(drawn, other, request)).zero();
    } catch (error) {
      if (error instanceof VaultError && error.code === 'key_refused') return 'it stays shut';
      throw error;
    }
    throw new VaultError('key_refused', 'the key service ignores the encryption context: it cannot be used');
  };
  return {
    draw: { name: 'draw a data key', run: draw },
    open: [
      { name: 'open it', run: unwrap },
      { name: 'refuse another context', run: refuse },
    ],
  };
}

/** Opens the data key of the newest recording, which a process that may draw none has no other to try with. */
function openStoredKeyStep(vault: DoctorDeps, by: Actor, tenant: Tenant): Step {
  const run = async (request: RequestContext) => {
    const found = await newestDataKey(vault, tenant, request);
    if (found === null) return { skipped: 'there is no recording yet' };
    const { recording, deposit } = found;
    await recordKeyUse(vault, by, tenant, { recording, deposit }, request);
    (await unwrapDataKey(vault, tenant, { id: deposit, recording }, found, request)).zero();
    return 'it opens';
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

/** Says in the tenant's log, before it is done, that its key opens something for the doctor. */
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
