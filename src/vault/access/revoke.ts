// Revoking grants, one or all of a person or on a recording, which ends their live sessions.
import { VaultError } from '../../errors.ts';
import type { Receipt } from '../../model/audit-event.ts';
import { may } from '../../model/permissions.ts';
import type { Caller } from '../../model/principal.ts';
import { requireLiveCallerWithoutMac } from '../core/authority/live-credential.ts';
import { actorOf, presentedCredential } from '../core/events/events.ts';
import { releaseUnused, replyToStore } from '../core/idempotency/stored-reply.ts';
import type { RequestContext } from '../core/request-context.ts';
import { hasQueueOf, readScope } from '../core/scope/read-scope.ts';
import { metadataKeyIfAvailable } from '../core/tenants/metadata-key-if-available.ts';
import type { Vault } from '../core/vault.ts';
import { endGrant, isLive, revocationNote } from './end-grant.ts';
import { endGrants, type GrantsOf, liveGrants, noPerson, requireThere } from './end-grants.ts';

type Deps = Pick<Vault, 'db' | 'metadataKeys' | 'sessionKeys'>;

/** The grants that were revoked, and the requests whose copies ended. `more`: others are left, for another call. */
export type RevokedGrants = {
  readonly ids: readonly string[];
  readonly more: boolean;
  readonly receipt: Receipt | undefined;
};

/**
 * Revokes a grant, for its holder, approvers and `privacy`, and ends its live sessions. The reason is sealed next to
 * the event, and left out where the tenant's key is unavailable: revoking must not wait for a key. Throws `not_found`,
 * `conflict`, or `unauthenticated` where the caller's credential ended.
 */
export async function revokeGrant(
  vault: Deps,
  by: Caller,
  id: string,
  reason: string | null,
  request: RequestContext,
): Promise<Receipt | undefined> {
  const metadataKey = await metadataKeyIfAvailable(vault, by.tenant, request);
  const words = revocationNote(metadataKey, reason);
  const { result, receipts } = await vault.db.change(async (tx) => {
    await requireLiveCallerWithoutMac(tx, by);
    const grant = await tx.access.lockGrant(by.tenant, id);
    if (grant === null || !(grant.person === by.principal || revokesAll(by)))
      throw new VaultError('not_found', 'there is no such grant');
    // Without the key anyone who may decide revokes: revoking waits for no key.
    if (grant.person !== by.principal && metadataKey !== null) {
      const scope = await readScope(tx, metadataKey, by);
      if (!(await hasQueueOf(tx, scope, by.tenant, grant.recording)))
        throw new VaultError('not_found', 'there is no such grant');
    }
    const how = { actor: actorOf(by), credential: presentedCredential(by), words };
    const ended = isLive(grant) ? await endGrant(tx, how, grant, request) : null;
    if (ended === null) throw new VaultError('conflict', 'the grant has already ended');
    return { result: ended.sessions, events: ended.events, ...replyToStore(request, 'done', id) };
  }, request);
  for (const session of result) vault.sessionKeys.end(session);
  return receipts[0];
}

/**
 * Revokes all live grants of a person or on a recording, and copies for recorded people, in one transaction: for approvers, of their queues, and
 * `privacy`; for others, those of their own. None is no error. Throws `not_found` for another person's where the caller
 * may not, for a person or recording that is missing or out of scope, and `unauthenticated` where the caller's
 * credential ended.
 */
export async function revokeGrants(
  vault: Deps,
  by: Caller,
  of: GrantsOf,
  reason: string | null,
  request: RequestContext,
): Promise<RevokedGrants> {
  requireWithin(by, of);
  const metadataKey = await metadataKeyIfAvailable(vault, by.tenant, request);
  const words = revocationNote(metadataKey, reason);
  const how = { actor: actorOf(by), credential: presentedCredential(by), words };
  const { result, receipts } = await vault.db.change(async (tx) => {
    await requireLiveCallerWithoutMac(tx, by);
    // Without the key the scope cannot be known, and revoking waits for no key.
    const scope = metadataKey === null ? 'all' : await readScope(tx, metadataKey, by);
    await requireThere(tx, scope, by.tenant, of);
    const all = revokesAll(by) && ('person' in of || (await hasQueueOf(tx, scope, by.tenant, of.recording)));
    const own = 'person' in of && of.person === by.principal;
    const live = await liveGrants(tx, by.tenant, of, own ? 'all' : scope);
    const within = live.filter((one) => all || one.person === by.principal);
    const found = await tx.subjects.withCopies(by.tenant, of);
    const theirs = all ? found : await tx.subjects.withCopies(by.tenant, { person: by.principal });
    const copies = found.filter((id) => theirs.includes(id));
    const { events, ...result } = await endGrants(tx, how, { tenant: by.tenant, live: within, copies }, request);
    if (events.length === 0) return { result, unchanged: true as const };
    return { result, events, ...replyToStore(request, 'done', ...result.ids) };
  }, request);
  for (const session of result.sessions) vault.sessionKeys.end(session);
  await releaseUnused(vault, receipts, request);
  return { ids: result.ids, more: result.more, receipt: receipts[0] };
}

/** Approvers and `privacy` revoke every grant, others their own. */
function revokesAll(by: Caller): boolean {
  return may(by, 'access.decide') || by.roles.includes('privacy');
}

function requireWithin(by: Caller, of: GrantsOf): void {
  if ('person' in of && of.person !== by.principal && !revokesAll(by)) throw noPerson();
}
