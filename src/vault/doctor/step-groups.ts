// The doctor's step groups: for a process what its role does, for operators what their commands do.

import { VaultError } from '../../errors.ts';
import type { Actor } from '../../model/audit-event.ts';
import type { DatabaseUse } from '../../model/database-rights.ts';
import { heldMessage } from '../../model/held-log.ts';
import { locationOf, type StoreLocation, type Tenant } from '../../model/tenant.ts';
import { aheadMessage } from '../../model/time/clock-messages.ts';
import { unsealedRows } from '../core/authority/unsealed-rows.ts';
import { DEPLOYMENT, event, writeEvent } from '../core/events/events.ts';
import { hasDuty } from '../core/process-role.ts';
import type { RequestContext } from '../core/request-context.ts';
import { databaseUserSteps } from './database-steps.ts';
import { operatorKeySteps, processKeySteps } from './key-steps.ts';
import { logSteps } from './log-steps.ts';
import { rewrapKeySteps } from './rewrap-steps.ts';
import type { DoctorDeps, Step, StepGroup, StepOutcome } from './step.ts';
import { operatorStoreSteps, processStoreSteps } from './store-steps.ts';

const LIST_MS = 30_000;
/** Tenants whose command a step names. */
const MOST_NAMED = 3;

/** Without a tenant no key can be tried: a skipped step says so, lest the keys seem to be in order. */
const NO_KEYS: StepGroup = {
  name: 'keys',
  steps: [
    { name: 'use a key', run: async () => ({ skipped: 'there is no active tenant yet (--new-key creates a key)' }) },
  ],
};

/** Database, log, store and the active tenants' keys, as far as this process's role uses them. */
export async function processStepGroups(vault: DoctorDeps, by: Actor): Promise<readonly StepGroup[]> {
  const { database, tenants } = await databaseOf(vault, by, vault.settings.role);
  const stores = locationsOf(vault, tenants).map(({ name, place, tenant }) => ({
    name,
    steps: processStoreSteps(vault, place, tenant),
  }));
  const keys = tenants.map((tenant) => keyGroup(vault, tenant, processKeySteps(vault, by, tenant)));
  const media = hasDuty(vault.settings.role, 'deposit') ? [mediaOf(vault)] : [];
  return [
    ...[database, logSteps(vault, 'process'), ...stores.filter(({ steps }) => steps.length > 0), ...serviceOf(vault)],
    ...[...(keys.length > 0 ? keys : [NO_KEYS]), ...media],
  ];
}

/** The key provider's own steps that need no key. */
function serviceOf({ keys }: DoctorDeps): readonly StepGroup[] {
  const { steps } = keys.provider;
  return steps.length === 0 ? [] : [{ name: 'key service', steps }];
}

/** The decoders. Deposits work without them, but get no waveform. */
function mediaOf({ probes }: DoctorDeps): StepGroup {
  const steps = probes.decoders.map(({ format, package: name, loads }): Step => {
    const run = async () =>
      (await loads()) ? name : { warning: `${name} cannot be loaded: ${format} calls will have no waveform` };
    return { name: `load the ${format} decoder`, run };
  });
  return { name: 'media', steps };
}

/** The groups for operators' commands. */
export function operatorStepGroups(vault: DoctorDeps, by: Actor): Promise<readonly StepGroup[]> {
  return commandStepGroups(vault, by, operatorKeySteps);
}

/** The groups for re-wrapping. */
export function rewrapStepGroups(vault: DoctorDeps, by: Actor): Promise<readonly StepGroup[]> {
  return commandStepGroups(vault, by, rewrapKeySteps);
}

async function commandStepGroups(
  vault: DoctorDeps,
  by: Actor,
  keySteps: typeof operatorKeySteps,
): Promise<readonly StepGroup[]> {
  const { database, tenants } = await databaseOf(vault, by, 'operator');
  const stores = locationsOf(vault, tenants).map(({ name, place, tenant }) => ({
    name,
    steps: operatorStoreSteps(vault, place, tenant),
  }));
  const keys = tenants.map((tenant) => keyGroup(vault, tenant, keySteps(vault, by, tenant)));
  return [database, logSteps(vault, 'command'), ...stores, ...serviceOf(vault), ...keys];
}

/** The steps for a tenant's key. A held log takes no event of its use, and another step names the hold. */
function keyGroup(vault: DoctorDeps, { tenant }: Tenant, steps: readonly Step[]): StepGroup {
  const unlessHeld = ({ name, run }: Step): Step => ({
    name,
    run: async (request) => {
      const state = await vault.db.read((rows) => rows.log.state(tenant), request);
      return state !== null && state.held !== null ? { skipped: 'the log of this tenant is held' } : run(request);
    },
  });
  return { name: tenant, steps: steps.map(unlessHeld) };
}

async function databaseOf(
  vault: DoctorDeps,
  by: Actor,
  use: DatabaseUse,
): Promise<{ database: StepGroup; tenants: readonly Tenant[] }> {
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
  const heldLogs = async (request: RequestContext): Promise<StepOutcome> => {
    const { held, ahead } = await vault.db.read(
      async ({ seals }) => ({ held: await seals.held(), ahead: await seals.ahead(vault.clock.now()) }),
      request,
    );
    const [first, ...others] = held;
    if (first === undefined) {
      const [one] = ahead;
      if (one === undefined) return 'none';
      throw new VaultError('clock_differs', `${aheadMessage(one.log, one.aheadMs)}${alsoAhead(ahead.slice(1))}`);
    }
    const more = others.length === 0 ? '' : `; held too: ${others.map(({ log }) => log).join(', ')}`;
    throw new VaultError('integrity', `${heldMessage(first.log, first.held)}${more}`);
  };
  const append = async (request: RequestContext): Promise<StepOutcome> => {
    const state = await vault.db.read((rows) => rows.log.state(DEPLOYMENT), request);
    if (state !== null && state.held !== null) return { skipped: 'the log of the deployment is held' };
    const object = { id: vault.settings.origin };
    const receipt = await writeEvent(vault, event(DEPLOYMENT, by, 'doctor.ran', object, request), request);
    return `event ${receipt?.seq ?? 0} of the deployment's log`;
  };
  const logs = { name: 'look for logs that are held or ahead of the clock', run: heldLogs };
  const unsealed = async (request: RequestContext): Promise<StepOutcome> => {
    const counts = await unsealedRows(vault, request);
    if (counts.length === 0) return 'all have their MAC';
    const rows = counts.reduce((sum, count) => sum + count.rows, 0);
    const commands = counts.slice(0, MOST_NAMED).map(({ tenant }) => `callvault authority adopt --tenant ${tenant}`);
    const more = counts.length > MOST_NAMED ? `, and ${counts.length - MOST_NAMED} more tenants` : '';
    throw new VaultError(
      'config_invalid',
      `${rows} rows have no MAC and give no access: after an upgrade run ${commands.join(', ')}${more} (first with --dry-run)`,
    );
  };
  const rows = { name: 'look for rows of older versions', run: unsealed };
  // Its database user reads no passkeys or links.
  const looks = use === 'all' || use === 'work' || use === 'operator' ? [rows] : [];
  const used = [read, logs, ...looks, { name: 'append to the log', run: append }];
  const database = { name: 'database', steps: [...used, ...databaseUserSteps(vault, use)] };
  return { database, tenants: found.tenants };
}

type Examined = { readonly name: string; readonly place: StoreLocation; readonly tenant: Tenant | null };

/** The store location of new tenants and those of existing tenants, each with one of its tenants. */
function locationsOf({ settings }: DoctorDeps, tenants: readonly Tenant[]): readonly Examined[] {
  const nameOf = ({ region, bucket, prefix }: StoreLocation): string => `${region} ${bucket}/${prefix}`;
  const places = new Map([settings.location, ...tenants.map(locationOf)].map((place) => [nameOf(place), place]));
  return [...places].map(([name, place]) => ({
    name: place.bucket === '' || places.size === 1 ? 'store' : `store ${place.bucket}/${place.prefix}`,
    place,
    tenant: tenants.find((tenant) => nameOf(locationOf(tenant)) === name) ?? null,
  }));
}

function alsoAhead(others: readonly { readonly log: string }[]): string {
  return others.length === 0 ? '' : `; ahead too: ${others.map(({ log }) => log).join(', ')}`;
}
