// Revoking grants, one or all of a person or on a recording, which ends their live sessions.
import { canonicalBytes } from '../../bytes/canonical-json.ts';
import { isId } from '../../bytes/ids.ts';
import { sealColumn } from '../../envelope/column.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { Grant } from '../../model/access.ts';
import type { Actor, NewEvent, Receipt } from '../../model/audit-event.ts';
import { may } from '../../model/permissions.ts';
import type { Caller } from '../../model/principal.ts';
import type { Scope } from '../../model/team/scope.ts';
import type { Transaction } from '../../ports/database.ts';
import { requireLiveCallerWithoutMac } from '../core/authority/live-credential.ts';
import { actorOf, event, presentedCredential, withDetail } from '../core/events/events.ts';
import { releaseUnused, replyToStore } from '../core/idempotency/stored-reply.ts';
import type { RequestContext } from '../core/request-context.ts';
import { hasQueueOf, isInScope, noRecording, readScope } from '../core/scope/read-scope.ts';
import { endSession } from '../core/sessions/end-session.ts';
import { metadataKeyIfAvailable } from '../core/tenants/metadata-key-if-available.ts';
import type { Vault } from '../core/vault.ts';

type Deps = Pick<Vault, 'db' | 'metadataKeys' | 'sessionKeys'>;

/** Which grants: all of a person, or all on a recording. */
export type GrantsOf = { readonly person: string } | { readonly recording: string };

/** The grants that were revoked. `more`: others are left, for another call. */
export type RevokedGrants = {
  readonly grants: readonly string[];
  readonly more: boolean;
  readonly receipt: Receipt | undefined;
};

/** At most so many in one transaction. */
export const MOST_REVOKED = 100;

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
    const ended = await endGrant(
      tx,
      { actor: actorOf(by), credential: presentedCredential(by), words },
      grant,
      request,
    );
    if (ended === null) throw new VaultError('conflict', 'the grant has already ended');
    return { result: ended.sessions, events: ended.events, ...replyToStore(request, 'done', id) };
  }, request);
  for (const session of result) vault.sessionKeys.end(session);
  return receipts[0];
}

/**
 * Revokes all live grants of a person or on a recording, in one transaction: for approvers, of their queues, and
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
    const live = (await liveGrants(tx, by, of, scope)).filter((one) => all || one.person === by.principal);
    const [grants, sessions, events]: [string[], string[], NewEvent[]] = [[], [], []];
    // In order of their ids, as an erasure locks them.
    for (const { id } of live.slice(0, MOST_REVOKED).sort((a, b) => (a.id < b.id ? -1 : 1))) {
      const row = await tx.access.lockGrant(by.tenant, id);
      const ended = row === null ? null : await endGrant(tx, how, row, request);
      if (ended === null) continue;
      grants.push(id);
      sessions.push(...ended.sessions);
      events.push(...ended.events);
    }
    const result = { grants, sessions, more: live.length > MOST_REVOKED };
    if (events.length === 0) return { result, unchanged: true as const };
    return { result, events, ...replyToStore(request, 'done', ...grants) };
  }, request);
  for (const session of result.sessions) vault.sessionKeys.end(session);
  await releaseUnused(vault, receipts, request);
  return { grants: result.grants, more: result.more, receipt: receipts[0] };
}

/** Approvers and `privacy` revoke every grant, others their own. */
function revokesAll(by: Caller): boolean {
  return may(by, 'access.decide') || by.roles.includes('privacy');
}

function requireWithin(by: Caller, of: GrantsOf): void {
  if ('person' in of && of.person !== by.principal && !revokesAll(by)) throw noPerson();
}

async function requireThere(tx: Transaction, scope: Scope, tenant: string, of: GrantsOf): Promise<void> {
  if ('person' in of) {
    if (!isId(of.person, 'usr', 'svc') || (await tx.principals.find(tenant, of.person)) === null) throw noPerson();
    return;
  }
  const found = isId(of.recording, 'rec') ? await tx.recordings.find(tenant, of.recording) : null;
  if (found === null || !(await isInScope(tx, scope, found))) throw noRecording();
}

function noPerson(): VaultError {
  return new VaultError('not_found', 'there is no such person');
}

async function liveGrants(
  tx: Transaction,
  { tenant, principal }: Caller,
  of: GrantsOf,
  scope: Scope,
): Promise<Grant[]> {
  if ('recording' in of) return tx.access.openGrants(tenant, of.recording);
  const within = scope === 'all' || of.person === principal ? {} : { scope };
  return tx.access.grants(tenant, { ...within, person: of.person, liveAt: await tx.now() }, null, MOST_REVOKED + 1);
}

type Revoking = {
  readonly actor: Actor;
  readonly credential: ReturnType<typeof presentedCredential>;
  readonly words: RevocationNote | null;
};

/** Ends a locked grant with its live sessions; null where it had ended. */
async function endGrant(
  tx: Transaction,
  { actor, credential, words }: Revoking,
  grant: Grant,
  request: RequestContext,
) {
  const { id, tenant } = grant;
  const live = grant.state === 'APPROVED' || grant.state === 'CONSUMED';
  const revoked = {
    revokedAt: await tx.now(),
    revokedBy: actor.id,
    revokedWords: sealRevocationNote(grant, words),
  };
  // A session that opens concurrently takes a use first: under the grant's lock it is seen here, or does not open.
  if (!live || !(await tx.access.changeGrant(grant, { state: 'REVOKED', ...revoked, mac: null }))) return null;
  const object = { id, recording: grant.recording, request: grant.request, ...credential };
  const made = event(tenant, actor, 'grant.revoked', object, request);
  const events: NewEvent[] = [words === null ? made : withDetail(made, words.metadataKey, { reason: words.reason })];
  const sessions = await tx.sessions.liveOf(tenant, id);
  for (const session of sessions) {
    const ended = await endSession(tx, actor, session, 'revoked', request);
    if (ended !== null) events.push(ended);
  }
  return { events, sessions: sessions.map((session) => session.id) };
}

type RevocationNote = { readonly reason: string; readonly metadataKey: SecretKey };

function revocationNote(metadataKey: SecretKey | null, reason: string | null): RevocationNote | null {
  return reason === null || metadataKey === null ? null : { reason, metadataKey };
}

function sealRevocationNote({ tenant, id }: Grant, words: RevocationNote | null): Uint8Array | null {
  if (words === null) return null;
  return sealColumn(words.metadataKey, { tenant, row: id, column: 'words' }, canonicalBytes({ reason: words.reason }));
}
