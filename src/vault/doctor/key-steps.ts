// What the doctor does with the key service: every call that a process or an operator makes, under contexts of their kind.
import { newId } from '../../bytes/ids.ts';
import { keyContext } from '../../envelope/key-context.ts';
import { VaultError } from '../../errors.ts';
import type { Actor } from '../../model/audit-event.ts';
import { type KeyReference, keyOf, type Tenant } from '../../model/tenant.ts';
import type { DepositKey } from '../../ports/rows/wrapped-key-rows.ts';
import { event, writeEvent } from '../core/events/events.ts';
import { does } from '../core/process-role.ts';
import type { Request } from '../core/request-context.ts';
import { proveKey } from '../core/tenants/prove-key.ts';
import { unwrapDataKey } from '../core/wrapped-keys/data-keys.ts';
import { type DoctorParts, NOBODY, type Part, type Step } from './step.ts';

/** The steps for a tenant's key: what this process's role does with it. */
export function processKeySteps(vault: DoctorParts, by: Actor, tenant: Tenant): readonly Step[] {
  const { role } = vault.settings;
  const always = [openMetadata(vault, tenant), look(vault, tenant)];
  const opening = does(role, 'settle') || does(role, 'media') ? [openStored(vault, by, tenant)] : [];
  // In volume mode the key service draws no data key for a deposit.
  if (tenant.volume === 1) return role === 'console' ? always : [...always, openKek(vault, tenant), ...opening];
  const drawn = drawing(vault, by, tenant);
  if (does(role, 'deposit')) return [...always, drawn.draw, ...(does(role, 'settle') ? drawn.open : [])];
  return [...always, ...opening];
}

/** The steps for a tenant's key: what operators' commands do with it. */
export function operatorKeySteps(vault: DoctorParts, by: Actor, tenant: Tenant): readonly Step[] {
  const prove = async (request: Request): Promise<string> => {
    await used(vault, by, tenant, {}, request);
    await proveKey(vault, keyOf(tenant), tenant.tenant, request);
    return 'it gives back what it wraps';
  };
  const steps = [openMetadata(vault, tenant), look(vault, tenant), { name: 'prove the key', run: prove }];
  return tenant.volume === 1 ? [...steps, drawKek(vault, by, tenant)] : steps;
}

/** The steps for a key of the doctor's own: made once, for nobody, and found again by every later examination. */
export function newKeyPart(vault: DoctorParts): Part {
  let made: KeyReference | null = null;
  const make = async (request: Request): Promise<string> => {
    made = await vault.keys.createKey(NOBODY, 1, request);
    return made.id;
  };
  const prove = async (request: Request) => {
    if (made === null) return { skipped: 'there is no new key' };
    await proveKey(vault, made, NOBODY, request);
    return 'it gives back what it wraps';
  };
  const name = async (request: Request) => {
    if (made === null) return { skipped: 'there is no new key' };
    await vault.keys.nameKey(NOBODY, made, request);
    return 'where it led before';
  };
  const metadata = async (request: Request) => {
    if (made === null) return { skipped: 'there is no new key' };
    const context = keyContext({ use: 'metadata', tenant: NOBODY, wrap: 1 });
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
export function openMetadata(vault: DoctorParts, tenant: Tenant): Step {
  const run = async (request: Request): Promise<string> => {
    await vault.metadataKeys.get(tenant, request);
    return 'it opens';
  };
  return { name: 'open the metadata key', run };
}

/** Opens the KEK of the tenant's generation, as whoever makes a data key does. */
export function openKek(vault: DoctorParts, tenant: Tenant): Step {
  const run = async (request: Request): Promise<string> => {
    await vault.tenantKeks.lend(tenant.tenant, tenant.wrap, () => undefined, request);
    return 'it opens';
  };
  return { name: 'open the tenant KEK', run };
}

/** Draws a KEK and opens it again, as turning the key of a tenant in volume mode does; nothing of it is kept. */
function drawKek(vault: DoctorParts, by: Actor, tenant: Tenant): Step {
  const run = async (request: Request): Promise<string> => {
    const context = keyContext({ use: 'kek', tenant: tenant.tenant, wrap: tenant.wrap });
    await used(vault, by, tenant, {}, request);
    const { dataKey, ...wrapped } = await vault.keys.generateDataKey(keyOf(tenant), context, request);
    dataKey.zero();
    (await vault.keys.unwrap({ ...keyOf(tenant), ...wrapped }, context, request)).zero();
    return 'it opens';
  };
  return { name: 'draw a tenant KEK', run };
}

/** Asks what state the tenant's key is in. */
export function look(vault: DoctorParts, tenant: Tenant): Step {
  const run = async (request: Request): Promise<string> => {
    const state = await vault.keys.describe(keyOf(tenant), request);
    if (state !== 'enabled') throw new VaultError('key_refused', `the key is ${state}`);
    return state;
  };
  return { name: 'look at the key', run };
}

/** Drawing a data key as for a deposit that never comes, and opening it as whoever finishes one does. */
function drawing(
  vault: DoctorParts,
  by: Actor,
  tenant: Tenant,
): { readonly draw: Step; readonly open: readonly Step[] } {
  const id = { recording: newId('rec'), deposit: newId('dep') };
  const of = { use: 'object', tenant: tenant.tenant, ...id } as const;
  const context = keyContext({ ...of, wrap: tenant.wrap });
  const nothing = { skipped: 'there is no data key to try it with' };
  let drawn: (KeyReference & { readonly wrapped: Uint8Array }) | null = null;

  const draw = async (request: Request): Promise<string> => {
    const key = keyOf(tenant);
    const answer = await vault.keys.generateDataKey(key, context, request);
    answer.dataKey.zero();
    drawn = { scheme: key.scheme, id: answer.id, wrapped: answer.wrapped };
    return 'for a deposit that never comes';
  };
  const unwrap = async (request: Request) => {
    if (drawn === null) return nothing;
    await used(vault, by, tenant, id, request);
    try {
      (await vault.keys.unwrap(drawn, context, request)).zero();
    } catch (error) {
      drawn = null;
      throw error;
    }
    return 'it opens';
  };
  const refuse = async (request: Request) => {
    if (drawn === null) return nothing;
    // Another generation, since a policy may refuse another tenant before the key service looks at the context.
    const other = keyContext({ ...of, wrap: tenant.wrap + 1 });
    await used(vault, by, tenant, id, request);
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
function openStored(vault: DoctorParts, by: Actor, tenant: Tenant): Step {
  const run = async (request: Request) => {
    const found = await stored(vault, tenant, request);
    if (found === null) return { skipped: 'there is no recording yet' };
    const { recording, deposit } = found;
    await used(vault, by, tenant, { recording, deposit }, request);
    (await unwrapDataKey(vault, tenant, { id: deposit, recording }, found, request)).zero();
    return 'it opens';
  };
  return { name: 'open a recording’s key', run };
}

/** The wrapped data key of the newest recording, or null while there is none. */
export function stored(vault: DoctorParts, { tenant }: Tenant, request: Request): Promise<DepositKey | null> {
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
export async function used(
  vault: DoctorParts,
  by: Actor,
  { tenant }: Tenant,
  what: { readonly recording?: string; readonly deposit?: string },
  request: Request,
): Promise<void> {
  const object = { type: 'key', id: tenant, why: 'doctor', ...what };
  await writeEvent(vault, event(tenant, by, 'key.used', object, request), request);
}
