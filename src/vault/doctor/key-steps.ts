// What the doctor does with the key service: every call that this process's role makes, under the challenge's context.
import { equalBytes } from '../../bytes/equal.ts';
import { keyContext } from '../../envelope/key-context.ts';
import { VaultError } from '../../errors.ts';
import type { Actor } from '../../model/audit-event.ts';
import { type KeyReference, keyOf } from '../../model/tenant.ts';
import { count } from '../log/counted.ts';
import { does } from '../process-role.ts';
import type { Request } from '../request.ts';
import type { DoctorParts, Step } from './step.ts';

/** For whom the doctor asks for a key: nobody. */
const NOBODY = 'doctor';
const LIST_MS = 30_000;

/** The steps for each active tenant's key and, if it is wanted, for a key of the doctor's own. */
export async function keySteps(vault: DoctorParts, by: Actor, newKey: boolean): Promise<readonly Step[]> {
  const tenants = await vault.db.read((rows) => rows.tenants.all(), { signal: vault.clock.deadline(LIST_MS) });
  const steps = tenants
    .filter(({ state }) => state === 'ACTIVE')
    .flatMap((tenant) => [
      openMetadata(vault, tenant.tenant),
      ...stepsOf(vault, by, tenant.tenant, () => Promise.resolve(keyOf(tenant))),
    ]);
  if (!newKey) return steps;
  let made: KeyReference | null = null;
  const create: Step = {
    name: 'keys: make a key',
    run: async (request) => {
      made = await vault.keys.createKey(NOBODY, request);
      return made.id;
    },
  };
  const use = async (): Promise<KeyReference> => {
    if (made === null) throw new VaultError('key_service_unavailable', 'there is no key to use');
    return made;
  };
  return [...steps, create, ...stepsOf(vault, by, NOBODY, use)];
}

function openMetadata(vault: DoctorParts, id: string): Step {
  const run = async (request: Request): Promise<string> => {
    const tenant = await vault.db.read((rows) => rows.tenants.find(id), request);
    if (tenant === null) throw new VaultError('not_found', 'the tenant is gone');
    await vault.metadataKeys.get(tenant, request);
    return 'the metadata key opens';
  };
  return { name: `keys of ${id}: open the metadata key`, run };
}

function stepsOf(vault: DoctorParts, by: Actor, tenant: string, key: () => Promise<KeyReference>): readonly Step[] {
  const { keys, settings } = vault;
  const context = keyContext({ use: 'challenge', tenant, wrap: 0 });
  const step = (name: string, run: Step['run']): Step => ({ name: `keys of ${tenant}: ${name}`, run });
  let wrapped: Uint8Array | null = null;
  let id = '';
  const made = (): { scheme: KeyReference['scheme']; id: string; wrapped: Uint8Array } => {
    if (wrapped === null) throw new VaultError('key_service_unavailable', 'there is no data key to try it with');
    return { scheme: id.startsWith('arn:') ? 'kms' : 'keyring', id, wrapped };
  };
  const counted = async (request: Request): Promise<void> => {
    if (tenant === NOBODY) return;
    const object = { type: 'key', id: tenant, why: 'doctor' };
    await count(vault, { tenant, actor: by, action: 'key.used', object, seconds: 3600 }, request);
  };

  const describe = step('look at the key', async (request) => {
    const state = await keys.describe(await key(), request);
    if (state !== 'enabled') throw new VaultError('key_refused', `the key is ${state}`);
    return state;
  });
  const generate = step('draw a data key', async (request) => {
    const answer = await keys.generateDataKey(await key(), context, request);
    answer.dataKey.zero();
    wrapped = answer.wrapped;
    id = answer.id;
    return answer.id === (await key()).id ? 'it answers by its own id' : `it answers as ${answer.id}`;
  });
  const unwrap = step('unwrap it', async (request) => {
    await counted(request);
    (await keys.unwrap(made(), context, request)).zero();
    return 'it opens';
  });
  const wrongContext = step('refuse another context', async (request) => {
    const other = keyContext({ use: 'challenge', tenant: `${tenant}-other`, wrap: 0 });
    await keys.unwrap(made(), other, request).then(
      (opened) => {
        opened.zero();
        throw new VaultError('key_refused', 'the key service ignores the encryption context');
      },
      (error: unknown) => {
        if (!(error instanceof VaultError) || error.code !== 'key_refused') throw error;
      },
    );
    return 'it stays shut';
  });
  const rewrap = step('wrap it again', async (request) => {
    await counted(request);
    const again = await keys.rewrap(made(), context, { key: await key(), context }, request);
    if (equalBytes(again.wrapped, made().wrapped)) throw new VaultError('key_refused', 'it was not wrapped again');
    return 'inside the key service';
  });

  if (does(settings.role, 'settle')) return [describe, generate, unwrap, wrongContext, rewrap];
  return does(settings.role, 'deposit') ? [generate] : [];
}
