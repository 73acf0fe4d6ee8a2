// A person of the deployment by an operator's command, once another operator confirmed them.
import { newId } from '../../bytes/ids.ts';
import type { Actor } from '../../model/audit-event.ts';
import type { OperatorBody } from '../../model/change/command.ts';
import { type CarriedOut, type CarryOutOptions, carryOut } from '../changes/carry-out.ts';
import { type DeploymentOwner, lockDeployment } from '../changes/owner.ts';
import { DEPLOYMENT } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { type DeploymentRole, insertOperator, requireNewCode } from '../people/add-operator.ts';

/** Adds a person by staff code, or opens a change. Throws as `insertOperator` and `carryOut`. */
export function addOperatorByCommand(
  vault: Pick<Vault, 'db'>,
  by: Actor,
  { code, role }: { readonly code: string; readonly role: DeploymentRole },
  options: CarryOutOptions,
  request: RequestContext,
): Promise<CarriedOut<OperatorBody, string>> {
  return carryOut<OperatorBody, string, DeploymentOwner>(
    vault,
    by,
    {
      tenant: DEPLOYMENT,
      lock: lockDeployment,
      locks: [],
      draft: async ({ tx }, approved) => {
        await requireNewCode(tx, code);
        return { v: 1, kind: 'operator', person: approved?.person ?? newId('usr'), code, role };
      },
      act: ({ tx }, { person }, marks) => insertOperator(tx, { id: person, code, role }, { by, marks, request }),
    },
    options,
    request,
  );
}
