// Refused API keys: counted once a minute for each key that is tried.
import type { ApiKey, Principal } from '../../model/principal.ts';
import { countEvent } from '../core/events/count-events.ts';
import { originSealer } from '../core/personal/origin.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';

/** Why a key was refused: it was revoked, it has expired, its principal is off, or the secret is not its own. */
export type ApiKeyRefusal = 'revoked' | 'expired' | 'principal-off' | 'secret';

/** Records a refusal in the log of the key's tenant. The caller's answer does not depend on it. */
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
