// Revoking all grants of a person or on a recording by an operator's command.
import type { Actor } from '../../model/audit-event.ts';
import type { RequestContext } from '../core/request-context.ts';
import { metadataKeyIfAvailable } from '../core/tenants/metadata-key-if-available.ts';
import type { Vault } from '../core/vault.ts';
import { revocationNote } from './end-grant.ts';
import { endGrants, type GrantsOf, liveGrants, requireThere } from './end-grants.ts';

type Deps = Pick<Vault, 'db' | 'metadataKeys' | 'sessionKeys'>;

/**
 * Revokes all live grants and copies of a person or on a recording and ends their live sessions, as `revokeGrants`, at most 100 in a
 * transaction, until none is left. The reason is left out where the tenant's key is unavailable. Returns the ids of the
 * grants, and of the requests whose copies ended. Throws `not_found` for a tenant, person or recording that is missing.
 */
export async function revokeGrantsByCommand(
  vault: Deps,
  by: Actor,
  tenant: string,
  of: GrantsOf,
  reason: string,
  request: RequestContext,
): Promise<readonly string[]> {
  const metadataKey = await metadataKeyIfAvailable(vault, tenant, request);
  const how = { actor: by, credential: {}, words: revocationNote(metadataKey, reason) };
  const revoked: string[] = [];
  for (let more = true; more; ) {
    const { result } = await vault.db.change(async (tx) => {
      await requireThere(tx, 'all', tenant, of);
      const live = await liveGrants(tx, tenant, of, 'all');
      const copies = await tx.subjects.withCopies(tenant, of);
      const { events, ...ended } = await endGrants(tx, how, { tenant, live, copies }, request);
      return events.length === 0 ? { result: ended, unchanged: true as const } : { result: ended, events };
    }, request);
    for (const session of result.sessions) vault.sessionKeys.end(session);
    revoked.push(...result.ids);
    ({ more } = result);
  }
  return revoked;
}
