// Adding a person of the deployment, known only by a staff code: an operator, or an auditor of its log.
import { newId } from '../../bytes/ids.ts';
import { VaultError } from '../../errors.ts';
import type { Actor } from '../../model/audit-event.ts';
import { insertLogged } from '../core/authority/logged-rows.ts';
import { DEPLOYMENT, event } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';

/** The roles that a person of the deployment can have: one of these. */
export const DEPLOYMENT_ROLES = ['operator', 'auditor'] as const;
export type DeploymentRole = (typeof DEPLOYMENT_ROLES)[number];

/** Adds a person by staff code and returns the id. Throws `malformed`, or `conflict` for a code that is taken. */
export async function addOperator(
  vault: Pick<Vault, 'db'>,
  by: Actor,
  code: string,
  role: DeploymentRole,
  request: RequestContext,
): Promise<string> {
  if (!/^[a-z0-9-]{1,32}$/.test(code))
    throw new VaultError('malformed', 'an operator is an opaque staff code, 1 to 32 of a-z 0-9 -, never a name');
  const id = newId('usr');
  await vault.db.change(async (tx) => {
    const taken = (await tx.principals.all(DEPLOYMENT)).some(({ name }) => Buffer.from(name).toString() === code);
    if (taken) throw new VaultError('conflict', 'an operator with this code exists already');
    const row = {
      tenant: DEPLOYMENT,
      id,
      kind: 'person' as const,
      state: 'ACTIVE' as const,
      version: 1,
      created: await tx.now(),
      roles: [role],
      owners: [],
      first: false,
      approvingSince: null,
      trainedUntil: null,
      name: Buffer.from(code),
      // The deployment has no key for a MAC.
      mac: null,
    };
    const object = { id, roles: role, code };
    const added = await insertLogged(DEPLOYMENT, (leafIndex) => tx.principals.insert({ ...row, leafIndex }));
    return { result: undefined, events: [event(DEPLOYMENT, by, 'operator.added', object, request)], ...added };
  }, request);
  return id;
}
