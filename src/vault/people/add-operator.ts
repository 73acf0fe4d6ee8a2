// Adding a person of the deployment, known only by a staff code: an operator, or an auditor of its log.
import { newId } from '../../bytes/ids.ts';
import { VaultError } from '../../errors.ts';
import type { Actor } from '../../model/audit-event.ts';
import type { Change, Rows, Transaction } from '../../ports/database.ts';
import { insertLogged } from '../core/authority/logged-rows.ts';
import { DEPLOYMENT, event } from '../core/events/events.ts';
import type { Marks } from '../core/permit.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';

/** The roles that a person of the deployment can have: one of these. */
export const DEPLOYMENT_ROLES = ['operator', 'auditor'] as const;
export type DeploymentRole = (typeof DEPLOYMENT_ROLES)[number];

/** Throws `malformed`, or `conflict` for a code that is taken. */
export async function requireNewCode({ principals }: Pick<Rows, 'principals'>, code: string): Promise<void> {
  if (!/^[a-z0-9-]{1,32}$/.test(code))
    throw new VaultError('malformed', 'an operator is an opaque staff code, 1 to 32 of a-z 0-9 -, never a name');
  const taken = (await principals.all(DEPLOYMENT)).some(({ name }) => Buffer.from(name).toString() === code);
  if (taken) throw new VaultError('conflict', 'an operator with this code exists already');
}

/** The person's id, staff code and role. */
type NewOperator = { readonly id: string; readonly code: string; readonly role: DeploymentRole };

type OperatorMaking = { readonly by: Actor; readonly marks: Marks; readonly request: Pick<RequestContext, 'req'> };

/** Adds a person in a transaction. Throws as `requireNewCode`. */
export async function insertOperator(
  tx: Transaction,
  { id, code, role }: NewOperator,
  { by, marks, request }: OperatorMaking,
): Promise<Change<string>> {
  await requireNewCode(tx, code);
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
  const added = await insertLogged(DEPLOYMENT, async (leafIndex) => {
    // Once more, now that the event has its place: another command may have added the same code meanwhile.
    await requireNewCode(tx, code);
    await tx.principals.insert({ ...row, leafIndex });
  });
  const object = { id, roles: role, code, ...marks };
  return { result: id, events: [event(DEPLOYMENT, by, 'operator.added', object, request)], ...added };
}

/** Adds a person at once and returns the id. Throws as `requireNewCode`. */
export async function addOperator(
  vault: Pick<Vault, 'db'>,
  by: Actor,
  code: string,
  role: DeploymentRole,
  request: RequestContext,
): Promise<string> {
  const what = { id: newId('usr'), code, role };
  const { result } = await vault.db.change((tx) => insertOperator(tx, what, { by, marks: {}, request }), request);
  return result;
}
