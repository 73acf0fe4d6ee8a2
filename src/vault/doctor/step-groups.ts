// What is examined: for a process what its role does, for operators what their commands do.
import type { Actor } from '../../model/audit-event.ts';
import { type Place, placeOf, type Tenant } from '../../model/tenant.ts';
import { DEPLOYMENT, event, writeEvent } from '../core/events/events.ts';
import { does } from '../core/process-role.ts';
import type { Request } from '../core/request-context.ts';
import { operatorKeySteps, processKeySteps } from './key-steps.ts';
import { rewrapKeySteps } from './rewrap-steps.ts';
import type { DoctorParts, Part, Step } from './step.ts';
import { operatorStoreSteps, processStoreSteps } from './store-steps.ts';

const LIST_MS = 30_000;

/** Without a tenant there is no key to use, and nobody may take that for its being in order. */
const NO_KEYS: Part = {
  name: 'keys',
  steps: [
    { name: 'use a key', run: async () => ({ skipped: 'there is no active tenant yet (--new-key makes a key)' }) },
  ],
};

/** Database, log, store and the active tenants' keys, as far as this process's role uses them. */
export async function processParts(vault: DoctorParts, by: Actor): Promise<readonly Part[]> {
  const { database, tenants } = await databaseOf(vault, by);
  const stores = placesOf(vault, tenants).map(({ name, place, tenant }) => ({
    name,
    steps: processStoreSteps(vault, place, tenant),
  }));
  const keys = tenants.map((tenant) => ({ name: tenant.tenant, steps: processKeySteps(vault, by, tenant) }));
  const media = does(vault.settings.role, 'deposit') ? [mediaOf(vault)] : [];
  return [
    ...[database, ...stores.filter(({ steps }) => steps.length > 0)],
    ...[...(keys.length > 0 ? keys : [NO_KEYS]), ...media],
  ];
}

/** The decoders, which deposits do without: then their calls have no waveform. */
function mediaOf({ probes }: DoctorParts): Part {
  const steps = probes.decoders.map(({ format, package: name, loads }): Step => {
    const run = async () =>
      (await loads()) ? name : { warning: `${name} cannot be loaded: ${format} calls will have no waveform` };
    return { name: `load the ${format} decoder`, run };
  });
  return { name: 'media', steps };
}

/** The same for what operators' commands use. */
export function operatorParts(vault: DoctorParts, by: Actor): Promise<readonly Part[]> {
  return commandParts(vault, by, operatorKeySteps);
}

/** The same for what re-wrapping uses. */
export function rewrapParts(vault: DoctorParts, by: Actor): Promise<readonly Part[]> {
  return commandParts(vault, by, rewrapKeySteps);
}

async function commandParts(
  vault: DoctorParts,
  by: Actor,
  keySteps: typeof operatorKeySteps,
): Promise<readonly Part[]> {
  const { database, tenants } = await databaseOf(vault, by);
  const stores = placesOf(vault, tenants).map(({ name, place, tenant }) => ({
    name,
    steps: operatorStoreSteps(vault, place, tenant),
  }));
  const keys = tenants.map((tenant) => ({ name: tenant.tenant, steps: keySteps(vault, by, tenant) }));
  return [database, ...stores, ...keys];
}

async function databaseOf(vault: DoctorParts, by: Actor): Promise<{ database: Part; tenants: readonly Tenant[] }> {
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
  const append = async (request: Request): Promise<string> => {
    const object = { type: 'deployment', id: vault.settings.origin };
    const receipt = await writeEvent(vault, event(DEPLOYMENT, by, 'doctor.ran', object, request), request);
    return `event ${receipt?.seq ?? 0} of the deployment's log`;
  };
  const database = { name: 'database', steps: [read, { name: 'append to the log', run: append }] };
  return { database, tenants: found.tenants };
}

type Examined = { readonly name: string; readonly place: Place; readonly tenant: Tenant | null };

/** Where new tenants go and every other place of a tenant, each with a tenant that lives there. */
function placesOf({ settings }: DoctorParts, tenants: readonly Tenant[]): readonly Examined[] {
  const nameOf = ({ region, bucket, prefix }: Place): string => `${region} ${bucket}/${prefix}`;
  const places = new Map([settings.place, ...tenants.map(placeOf)].map((place) => [nameOf(place), place]));
  return [...places].map(([name, place]) => ({
    name: place.bucket === '' || places.size === 1 ? 'store' : `store ${place.bucket}/${place.prefix}`,
    place,
    tenant: tenants.find((tenant) => nameOf(placeOf(tenant)) === name) ?? null,
  }));
}
