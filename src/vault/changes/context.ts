// The facts of a decision on a change, read in one transaction with the caller's rows.
import { isId } from '../../bytes/ids.ts';
import { VaultError } from '../../errors.ts';
import type { Actor } from '../../model/audit-event.ts';
import type { ChangeBody } from '../../model/change/body.ts';
import type { Change } from '../../model/change/change.ts';
import type { ChangeContext } from '../../model/change/checks.ts';
import type { Caller, Principal } from '../../model/principal.ts';
import type { Rows } from '../../ports/database.ts';
import { requireAuthenticChange } from '../core/authority/logged-change.ts';
import { requireAuthenticRow } from '../core/authority/logged-rows.ts';
import { actorOf, DEPLOYMENT } from '../core/events/events.ts';
import { ownersBase } from './base.ts';
import { humansGaining } from './gaining.ts';
import type { Owner } from './owner.ts';
import { bodyOf, previewOf } from './sealed-texts.ts';
import { adminCanConfirm, codeOf, operatorsSign } from './second-person.ts';

/**
 * The change of this id that the caller may see: of their tenant; for an operator, of any tenant where a command proposed
 * it. Throws `not_found`, the same for a foreign and a missing one.
 */
export async function findChange(rows: Rows, by: Caller, id: string): Promise<Change> {
  const operator = isOperator(by);
  const found = operator ? await rows.changes.byId(id) : await rows.changes.find(by.tenant, id);
  if (found === null || !isId(id, 'chg') || (operator && !found.byCommand)) throw noChange();
  return found;
}

/** A change that the caller has acted on, to answer the repetition of a request; null where its row was deleted. */
export function findAgain(rows: Rows, by: Caller, id: string): Promise<Change | null> {
  return isOperator(by) ? rows.changes.byId(id) : rows.changes.find(by.tenant, id);
}

/** Whether the caller is an operator. Auditors of the deployment see its log, and no tenant's changes. */
export function isOperator({ tenant, roles }: Pick<Caller, 'tenant' | 'roles'>): boolean {
  return tenant === DEPLOYMENT && roles.includes('operator');
}

/** An operator who acts on a change is one in the tenant's log too: its people do not include them. */
export function actorOnChange(by: Caller): Actor {
  return by.tenant === DEPLOYMENT ? { type: 'operator', id: by.principal, auth: by.auth } : actorOf(by);
}

/**
 * Whether the caller proposed the change: a person by the API; an operator by a command, which names them by their staff
 * code. `person`: the caller's row, which is authentic.
 */
export function isProposer(by: Caller, person: Principal | null, change: Change): boolean {
  if (!change.byCommand) return change.proposer === by.principal;
  return isOperator(by) && person !== null && codeOf(person) === change.proposer;
}

export function noChange(): VaultError {
  return new VaultError('not_found', 'there is no such change');
}

/**
 * The context of a decision by the caller, and the change's body. `isSigned`: a passkey of the caller has signed it. Throws `integrity` where a row is not authentic.
 */
export async function decisionContext(
  rows: Rows,
  owner: Owner,
  by: Caller,
  change: Change,
  isSigned: boolean,
): Promise<{ readonly context: ChangeContext; readonly body: ChangeBody }> {
  const { metadataKey } = owner;
  await requireAuthenticChange(rows, metadataKey, change);
  const person = await rows.principals.find(by.tenant, by.principal);
  if (person === null) throw new VaultError('unauthenticated', 'the credential is not valid');
  const operator = by.tenant === DEPLOYMENT;
  await requireAuthenticRow(rows, operator ? null : metadataKey, 'principal', person);
  const body = bodyOf(metadataKey, change);
  const gaining = await humansGaining(rows, change.tenant, body);
  const context: ChangeContext = {
    change,
    base: await ownersBase(rows, owner, body),
    previewed: previewOf(metadataKey, change)?.at ?? null,
    person,
    operator: operator ? codeOf(person) : null,
    adminConfirms: await adminCanConfirm(rows, change.tenant, gaining),
    operatorsSign: change.byCommand && change.signed === null && (await operatorsSign(rows)),
    ownRow: gaining.includes(by.principal),
    isSigned,
    by,
    now: await rows.now(),
  };
  return { context, body };
}
