// What the doctor does with the key service: what this process's role asks of each tenant's key, and no more.
import { newId } from '../../bytes/ids.ts';
import type { WrappedKey } from '../../envelope/envelope.ts';
import { type KeyContext, keyContext } from '../../envelope/key-context.ts';
import { VaultError } from '../../errors.ts';
import type { Actor } from '../../model/audit-event.ts';
import { type KeyReference, keyOf, type Tenant } from '../../model/tenant.ts';
import { unwrapMetadataKey } from '../keys/metadata-keys.ts';
import { count } from '../log/counted.ts';
import { does } from '../process-role.ts';
import type { Request } from '../request.ts';
import { type DoctorParts, NOBODY, type Step } from './step.ts';

type Wrapped = Omit<WrappedKey, 'wrap'>;

const LIST_MS = 30_000;

/** The steps for each active tenant's key and, if it is wanted, for a key of the doctor's own. */
export async function keySteps(vault: DoctorParts, by: Actor, newKey: boolean): Promise<readonly Step[]> {
  const tenants = await vault.db.read((rows) => rows.tenants.all(), { signal: vault.clock.deadline(LIST_MS) });
  const steps = tenants.filter(({ state }) => state === 'ACTIVE').flatMap((tenant) => tenantSteps(vault, by, tenant));
  return newKey ? [...steps, ...newKeySteps(vault)] : steps;
}

/** Each under a context that the policies of a role name: with another one, the policy would refuse what is in order. */
function tenantSteps(vault: DoctorParts, by: Actor, tenant: Tenant): readonly Step[] {
  const { keys, settings } = vault;
  const id = tenant.tenant;
  const step = (name: string, run: Step['run']): Step => ({ name: `keys of ${id}: ${name}`, run });
  const counted = async (request: Request): Promise<void> => {
    const object = { type: 'key', id, why: 'doctor' };
    await count(vault, { tenant: id, actor: by, action: 'key.used', object, seconds: 3600 }, request);
  };
  // No deposit has this id: what is wrapped for it is kept nowhere.
  const context = keyContext({
    use: 'object',
    tenant: id,
    recording: newId('rec'),
    deposit: newId('dep'),
    wrap: tenant.wrap,
  });
  const drawn = drawing(vault, () => Promise.resolve(keyOf(tenant)), context);

  const metadata = step('open the metadata key', async (request) => {
    await counted(request);
    (await unwrapMetadataKey(keys, tenant, request)).zero();
    return 'it opens';
  });
  const wrongContext = step('refuse another context', async (request) => {
    await refused(unwrapMetadataKey(keys, { ...tenant, tenant: newId('ten') }, request));
    return 'it stays shut';
  });
  const describe = step('look at the key', (request) => enabled(vault, keyOf(tenant), request));
  const generate = step('draw a data key', drawn.draw);
  const unwrap = step('unwrap it', async (request) => {
    await counted(request);
    return drawn.unwrap(request);
  });

  const steps = [metadata, wrongContext, describe];
  if (!does(settings.role, 'deposit')) return steps;
  return does(settings.role, 'media') ? [...steps, generate, unwrap] : [...steps, generate];
}

/** A key that is made for nobody, tried under the challenge's context, as a customer's is before it is registered. */
function newKeySteps(vault: DoctorParts): readonly Step[] {
  const step = (name: string, run: Step['run']): Step => ({ name: `keys of nobody: ${name}`, run });
  let made: KeyReference | null = null;
  const key = async (): Promise<KeyReference> => {
    if (made === null) throw new VaultError('key_service_unavailable', 'there is no key to use');
    return made;
  };
  const drawn = drawing(vault, key, keyContext({ use: 'challenge', tenant: NOBODY, wrap: 0 }));
  return [
    step('make a key', async (request) => {
      made = await vault.keys.createKey(NOBODY, request);
      return made.id;
    }),
    step('look at the key', async (request) => enabled(vault, await key(), request)),
    step('draw a data key', drawn.draw),
    step('unwrap it', drawn.unwrap),
    step('refuse another context', async (request) => {
      const other = keyContext({ use: 'challenge', tenant: newId('ten'), wrap: 0 });
      await refused(vault.keys.unwrap(drawn.drawn(), other, request));
      return 'it stays shut';
    }),
  ];
}

/** Drawing a data key under a context, and unwrapping it again. */
function drawing({ keys }: DoctorParts, key: () => Promise<KeyReference>, context: KeyContext) {
  let made: Wrapped | null = null;
  const drawn = (): Wrapped => {
    if (made === null) throw new VaultError('key_service_unavailable', 'there is no data key to try it with');
    return made;
  };
  return {
    drawn,
    draw: async (request: Request): Promise<string> => {
      const wanted = await key();
      const { dataKey, id, wrapped } = await keys.generateDataKey(wanted, context, request);
      dataKey.zero();
      made = { scheme: wanted.scheme, id, wrapped };
      return id === wanted.id ? 'it answers by its own id' : `it answers as ${id}`;
    },
    unwrap: async (request: Request): Promise<string> => {
      (await keys.unwrap(drawn(), context, request)).zero();
      return 'it opens';
    },
  };
}

async function enabled({ keys }: DoctorParts, key: KeyReference, request: Request): Promise<string> {
  const state = await keys.describe(key, request);
  if (state !== 'enabled') throw new VaultError('key_refused', `the key is ${state}`);
  return state;
}

/** What must not open. Throws `key_refused` where it does, and whatever is no refusal. */
async function refused(unwrapping: Promise<{ readonly zero: () => void }>): Promise<void> {
  let opened: { readonly zero: () => void };
  try {
    opened = await unwrapping;
  } catch (error) {
    if (error instanceof VaultError && error.code === 'key_refused') return;
    throw error;
  }
  opened.zero();
  throw new VaultError('key_refused', 'the key service ignores the encryption context');
}
