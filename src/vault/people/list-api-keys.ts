// The API keys of a tenant with their owners; never their secrets.
import type { ApiKey, Caller } from '../../model/principal.ts';
import { countEvent } from '../core/events/count-events.ts';
import { actorOf } from '../core/events/events.ts';
import { readNames } from '../core/personal/names.ts';
import type { RequestContext } from '../core/request-context.ts';
import { metadataKeyIfAvailable } from '../core/tenants/metadata-key-if-available.ts';
import type { Vault } from '../core/vault.ts';

/** A key, its owner's name (null where that cannot be opened now), and whether it has expired. */
export type ApiKeyView = { readonly apiKey: ApiKey; readonly name: string | null; readonly expired: boolean };

/** API keys of the caller's tenant, newest first, before the one with id `before`. */
export async function listApiKeys(
  vault: Pick<Vault, 'db' | 'clock' | 'metadataKeys'>,
  by: Caller,
  before: string | null,
  limit: number,
  request: RequestContext,
): Promise<ApiKeyView[]> {
  const object = { id: by.tenant };
  await countEvent(vault, { tenant: by.tenant, actor: actorOf(by), action: 'api_key.read', object }, request);
  const key = await metadataKeyIfAvailable(vault, by.tenant, request);
  return vault.db.read(async (rows) => {
    const now = await rows.now();
    const keys = await rows.principals.apiKeyPage(by.tenant, before, limit);
    const owners = keys.map(({ principal }) => principal);
    const names = key === null ? null : await readNames(rows, key, by.tenant, owners);
    return keys.map((apiKey) => ({
      apiKey,
      name: names?.get(apiKey.principal) ?? null,
      expired: apiKey.expires <= now,
    }));
  }, request);
}
