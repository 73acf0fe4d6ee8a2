// What is examined: for a process what its role does, for operators what their commands do.
import type { Actor } from '../../model/audit-event.ts';
import { locationOf, type StoreLocation, type Tenant } from '../../model/tenant.ts';
import { DEPLOYMENT, event, writeEvent } from '../core/events/events.ts';
import { hasDuty } from '../core/process-role.ts';
import type { RequestContext } from '../core/request-context.ts';
import { operatorKeySteps, processKeySteps } from './key-steps.ts';
import { rewrapKeySteps } from './rewrap-steps.ts';
import type { DoctorDeps, Step, StepGroup } from './step.ts';
import { operatorStoreSteps, processStoreSteps } from './store-steps.ts';

const LIST_MS = 30_000;

/** Without a tenant there is no key to use, and nobody may take that for its being in order. */
const NO_KEYS: StepGroup = {
  name: 'keys',
  steps: [
    { name: 'use a key', run: async () => ({ skipped: 'there is no active tenant yet (--new-key makes a key)' }) },
  ],
};

/** Database, log, store and the active tenants' keys, as far as this process's role uses them. */
export async function processStepGroups(vault: DoctorDeps, by: Actor): Promise<readonly StepGroup[]> {
  const { database, tenants } = await databaseOf(vault, by);
  const stores = locationsOf(vault, tenants).map(({ name, place, tenant }) => ({
    name,
    steps: processStoreSteps(vault, place, tenant),
  }));
  const keys = tenants.map((tenant) => ({ name: tenant.tenant, steps: processKeySteps(vault, by, tenant) }));
  const media = hasDuty(vault.settings.role, 'deposit') ? [mediaOf(vault)] : [];
  return [
    ...[database, ...stores.filter(({ steps }) => steps.length > 0), ...serviceOf(vault)],
    ...[...(keys.length > 0 ? keys : [NO_KEYS]), ...media],
  ];
}

/** What the key provider checks of its service, where it has anything to check without a key. */
function serviceOf({ keys }: DoctorDeps): readonly StepGroup[] {
  const { steps } = keys.provider;
  return steps.length === 0 ? [] : [{ name: 'key service', steps }];
}

/** The decoders, which deposits do without: then their calls have no waveform. */
function mediaOf({ probes }: DoctorDeps): StepGroup {
  const steps = probes.decoders.map(({ format, package: name, loads }): Step => {
    const run = async () =>
      (await loads()) ? name : { warning: `${name} cannot be loaded: ${format} calls will have no waveform` };
    return { name: `load the ${format} decoder`, run };
  });
  return { name: 'media', steps };
}

/** The same for what operators' commands use. */
export function operatorStepGroups(vault: DoctorDeps, by: Actor): Promise<readonly StepGroup[]> {
  return commandStepGroups(vault, by, operatorKeySteps);
}

/** The same for what re-wrapping uses. */
export function rewrapStepGroups(vault: DoctorDeps, by: Actor): Promise<readonly StepGroup[]> {
  return commandStepGroups(vault, by, rewrapKeySteps);
}

async function commandStepGroups(
  vault: DoctorDeps,
  by: Actor,
  keySteps: typeof operatorKeySteps,
): Promise<readonly StepGroup[]> {
  const { database, tenants } = await databaseOf(vault, by);
  const stores = locationsOf(vault, tenants).map(({ name, place, tenant }) => ({
    name,
    steps: operatorStoreSteps(vault, place, tenant),
  }));
  const keys = tenants.map((tenant) => ({ name: tenant.tenant, steps: keySteps(vault, by, tenant) }));
  return [database, ...stores, ...serviceOf(vault), ...keys];
}

async function databaseOf(vault: DoctorDeps, by: Actor): Promise<{ database: StepGroup; tenants: readonly Tenant[] }> {
  const found = await vault.db
    .read((rows) => rows.tenants.all(), { signal: vault.clock.deadline(LIST_MS) })
    .then(
      (all) => ({ tenants: all.filter(({ state }) => state === 'ACTIVE'), error: null }),
      (error: unknown) => ({ tenants: [], error }),
    );
  const read: Step = {
    name: 'read the tenants',
    run: async () => {
      if (found.error !== null) throw found.error;
      return `${found.tenants.length} active`;
    },
  };
  const append = async (request: RequestContext): Promise<string> => {
    const object = { id: vault.settings.origin };
    const receipt = await writeEvent(vault, event(DEPLOYMENT, by, 'doctor.ran', object, request), request);
    return `event ${receipt?.seq ?? 0} of the deployment's log`;
  };
  const database = { name: 'database', steps: [read, { name: 'append to the log', run: append }] };
  return { database, tenants: found.tenants };
}

type Examined = { readonly name: string; readonly place: StoreLocation; readonly tenant: Tenant | null };

/** Where new tenants go and every other place of a tenant, each with a tenant that lives there. */
function locationsOf({ settings }: DoctorDeps, tenants: readonly Tenant[]): readonly Examined[] {
  const nameOf = ({ region, bucket, prefix }: StoreLocation): string => `${region} ${bucket}/${prefix}`;
  const places = new Map([settings.location, ...tenants.map(locationOf)].map((place) => [nameOf(place), place]));
  return [...places].map(([name, place]) => ({
    name: place.bucket === '' || places.size === 1 ? 'store' : `store ${place.bucket}/${place.prefix}`,
    place,
    tenant: tenants.find((tenant) => nameOf(locationOf(tenant)) === name) ?? null,
  }));
}
