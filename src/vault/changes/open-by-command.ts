// Opening a change that an operator's command proposes, in its transaction.
import { VaultError } from '../../errors.ts';
import type { Actor, Receipt } from '../../model/audit-event.ts';
import type { Change } from '../../model/change/change.ts';
import type { Change as Outcome, Rows, Transaction } from '../../ports/database.ts';
import { DEPLOYMENT } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import { requireActive } from '../core/tenants/active-tenant.ts';
import type { Owner } from './owner.ts';
import { type Drafted, makeProposal } from './proposal.ts';
import { type Confirmer, codeOf, operatorsSign } from './second-person.ts';

/** The change that a command opened, and who confirms it; `signs`: once its operator has signed it. */
export type OpenedByCommand = {
  readonly done: false;
  readonly change: Change;
  readonly signs: boolean;
  readonly confirmer: Exclude<Confirmer, null>;
};

/** Who proposes by command, the reason that is shown, and who confirms it. */
export type CommandProposal = Pick<OpenedByCommand, 'confirmer'> & { readonly by: Actor; readonly note: string };

/**
 * Opens the change; the transaction holds the tenant's row. The result is what was opened, once the events have their
 * places. Throws `not_found` for a tenant that is not active, and as `makeProposal`.
 */
export async function openByCommand(
  tx: Transaction,
  owner: Owner,
  drafted: Drafted,
  { by, note, confirmer }: CommandProposal,
  request: Pick<RequestContext, 'req'>,
): Promise<Outcome<(at: readonly Receipt[]) => OpenedByCommand>> {
  const proposer = { by, proposer: by.id, byCommand: true, note, credential: {} };
  if (owner.tenant !== null) requireActive(owner.tenant);
  else await requireOperator(tx, by.id);
  const proposal = await makeProposal(tx, owner, drafted, proposer, request);
  const signs = await operatorsSign(tx);
  return {
    result: (at) => ({ done: false, change: proposal.row(at), signs, confirmer }),
    events: [proposal.made],
    placed: proposal.insert,
  };
}

/** A proposal of the deployment that no one can sign would only take the place of others. Throws `conflict`. */
async function requireOperator({ principals }: Pick<Rows, 'principals'>, code: string): Promise<void> {
  const people = await principals.all(DEPLOYMENT);
  if (people.some((one) => one.state === 'ACTIVE' && one.roles.includes('operator') && codeOf(one) === code)) return;
  throw new VaultError(
    'conflict',
    `CALLVAULT_OPERATOR is ${code}, and no active operator has this staff code: no one could sign what it proposes. Use the code of one, or --alone`,
  );
}
