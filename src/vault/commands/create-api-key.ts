// An API key by an operator's command, once another person confirmed it.
import { newId } from '../../bytes/ids.ts';
import type { Actor } from '../../model/audit-event.ts';
import type { ApiKeyBody } from '../../model/change/command.ts';
import { type CarriedOut, type CarryOutOptions, carryOut } from '../changes/carry-out.ts';
import { type TenantOwner, tenantLock } from '../changes/owner.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { type ApiKeyInput, insertApiKey, type NewApiKey, requireDays, scopesOfNewKey } from '../people/api-keys.ts';

/** Creates an API key, or opens a change. Throws as `createApiKey` and `carryOut`. */
export async function createApiKeyByCommand(
  vault: Pick<Vault, 'db' | 'metadataKeys'>,
  by: Actor,
  what: ApiKeyInput,
  options: CarryOutOptions,
  request: RequestContext,
): Promise<CarriedOut<ApiKeyBody, NewApiKey>> {
  requireDays(what);
  const { tenant, principal, days } = what;
  return carryOut<ApiKeyBody, NewApiKey, TenantOwner>(
    vault,
    by,
    {
      tenant,
      lock: await tenantLock(vault, tenant, request),
      locks: [principal],
      draft: async ({ tx, owner }, approved) => {
        const scopes = [...new Set(await scopesOfNewKey(tx, owner.metadataKey, what))].sort();
        return { v: 1, kind: 'api_key', key: approved?.key ?? newId('key'), principal, days, scopes };
      },
      act: ({ tx, owner }, { key, scopes }, marks) =>
        insertApiKey(tx, owner.metadataKey, { ...what, scopes }, { id: key, by, marks, request }),
    },
    options,
    request,
  );
}
