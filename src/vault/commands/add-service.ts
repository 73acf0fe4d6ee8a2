// A service by an operator's command: an uploader at once, another role once a second person confirmed it.
import { newId } from '../../bytes/ids.ts';
import type { Actor } from '../../model/audit-event.ts';
import type { ServiceBody } from '../../model/change/command.ts';
import { checkRoles } from '../../model/principal.ts';
import { type CarriedOut, type CarryOutOptions, carryOut } from '../changes/carry-out.ts';
import { type TenantOwner, tenantLock } from '../changes/owner.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { addPrincipal, insertPrincipal, requireOwners } from '../people/add-principal.ts';
import { checkName, type NewPrincipal } from '../people/new-principal.ts';

/** A service to add: its owners are ids of people. */
export type NewService = Pick<NewPrincipal, 'tenant' | 'name' | 'roles' | 'owners'>;

/** Adds a service, or opens a change. An uploader gains nothing by itself. Throws as `addPrincipal` and `carryOut`. */
export async function addServiceByCommand(
  vault: Pick<Vault, 'db' | 'metadataKeys'>,
  by: Actor,
  service: NewService,
  options: CarryOutOptions,
  request: RequestContext,
): Promise<CarriedOut<Pick<ServiceBody, 'service'>, string>> {
  const owners = [...new Set(service.owners)].sort();
  const what = { ...service, owners, kind: 'service' } as const;
  const roles = checkRoles('service', what.roles);
  if (roles.every((role) => role === 'uploader')) {
    const id = await addPrincipal(vault, by, what, request);
    return { body: { service: id }, done: true, result: id };
  }
  checkName(what.name);
  return carryOut<ServiceBody, string, TenantOwner>(
    vault,
    by,
    {
      tenant: what.tenant,
      lock: await tenantLock(vault, what.tenant, request),
      locks: owners,
      draft: async ({ tx }, approved) => {
        await requireOwners(tx, what);
        return { v: 1, kind: 'service', service: approved?.service ?? newId('svc'), name: what.name, roles, owners };
      },
      act: ({ tx, owner }, { service: id }, marks) =>
        insertPrincipal(tx, owner.metadataKey, what, { id, by, marks, request }),
    },
    options,
    request,
  );
}
