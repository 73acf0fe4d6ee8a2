// Counted events of denied API keys: one per minute and key.
import type { ApiKey, Principal } from '../../model/principal.ts';
import { countEvent } from '../core/events/count-events.ts';
import { originSealer } from '../core/personal/origin.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';

/** Why a key was denied: it is revoked or expired, its principal is deactivated, or the secret does not match. */
export type ApiKeyRefusal = 'revoked' | 'expired' | 'principal-off' | 'secret';

/** Records a denial in the log of the key's tenant. The caller gets the same error in any case. */
export async function countRefusedApiKey(
  vault: Pick<Vault, 'db' | 'clock' | 'metadataKeys'>,
  key: Pick<ApiKey, 'tenant' | 'id'>,
  principal: Pick<Principal, 'id' | 'kind'>,
  cause: ApiKeyRefusal,
  request: RequestContext,
): Promise<void> {
  const what = {
    tenant: key.tenant,
    actor: { type: principal.kind, id: principal.id, auth: 'none' },
    action: 'api_key.refused',
    object: { id: key.id, principal: principal.id, cause },
    outcome: 'refused',
  } as const;
  await countEvent(vault, what, request, () => originSealer(vault, key.tenant, request));
}
