// Ending access under way in a tenant: requests and changes that were decided, and all grants, sessions and assignments.
import type { Grant } from '../../model/access.ts';
import { isUnfinished } from '../../model/batch.ts';
import type { Transaction } from '../../ports/database.ts';
import { endGrant, isLive } from '../access/end-grant.ts';
import { move } from '../changes/decide.ts';
import { partsDigest, teamParts } from '../changes/team-state.ts';
import { allPages, PAGE_ROWS } from '../core/all-pages.ts';
import { event } from '../core/events/events.ts';
import { endSession } from '../core/sessions/end-session.ts';
import { endCopies } from '../core/subjects/end-copies.ts';
import type { Revocations } from './revocations.ts';
import type { RevokedAgain, Revoking } from './revoked-again.ts';

/** Ends the sessions whose end is in the log already, with what was served: the log must not end them twice. */
export async function endEndedSessions(
  tx: Transaction,
  tenant: string,
  { sessions }: Revocations,
  back: RevokedAgain,
): Promise<void> {
  const ended = await tx.now();
  for (const { id } of await tx.sessions.liveIn(tenant)) {
    const live = sessions.has(id) ? await tx.sessions.lock(tenant, id) : null;
    if (live?.state !== 'LIVE') continue;
    await tx.sessions.change(live, { state: 'ENDED', ended, reason: 'revoked', mac: null });
    back.sessions.push(id);
    back.counts.sessions++;
  }
}

/** Cancels requests that were decided or ended: they must not be decided again. */
export async function cancelRequests(
  tx: Transaction,
  tenant: string,
  revoked: Revocations,
  { how: { by, request } }: Revoking,
  back: RevokedAgain,
): Promise<void> {
  for (const id of [...revoked.requests].sort()) {
    const row = await tx.access.lockRequest(tenant, id);
    if (row?.state !== 'REQUESTED' || !(await tx.access.changeRequest(row, { state: 'CANCELLED', mac: null })))
      continue;
    back.events.push(event(tenant, by, 'access.cancelled', { id, recording: row.recording }, request));
    back.counts.requests++;
  }
}

/** Ends all grants and copies with their sessions, then all batches: uses that were revoked, and revocations, may be in lost events. */
export async function endGrants(
  tx: Transaction,
  tenant: string,
  { how: { by: actor, credential, request } }: Revoking,
  back: RevokedAgain,
): Promise<void> {
  const now = await tx.now();
  for (const session of await tx.sessions.liveIn(tenant)) {
    const live = await tx.sessions.lock(tenant, session.id);
    if (live?.state !== 'LIVE') continue;
    const made = await endSession(tx, actor, live, 'revoked', request);
    if (made !== null) back.events.push(made);
    back.sessions.push(live.id);
    back.counts.sessions++;
  }
  const batches = await allPages((before, limit) => tx.batches.page(tenant, { state: 'OPEN' }, before, limit));
  const live = await allPages((before, limit) => tx.access.grants(tenant, { liveAt: now }, before, limit));
  const assigned: Grant[] = [];
  for (let at = 0; at < batches.length; at += PAGE_ROWS) {
    const ids = batches.slice(at, at + PAGE_ROWS).map(({ id }) => id);
    assigned.push(...(await tx.batches.grantsOf(tenant, ids)).filter((grant) => isUnfinished(grant, now)));
  }
  for (const id of [...new Set([...live, ...assigned].map((grant) => grant.id))].sort()) {
    const grant = await tx.access.lockGrant(tenant, id);
    if (grant === null || !(isLive(grant) || isUnfinished(grant, now))) continue;
    const why = grant.batch === null ? {} : ({ why: 'withdrawn' } as const);
    const done = await endGrant(tx, { actor, credential, words: null, ...why }, grant, request);
    if (done === null) continue;
    back.events.push(...done.events);
    back.counts.grants++;
  }
  const copies = await tx.subjects.withCopies(tenant, 'all');
  const ended = await endCopies(tx, tenant, copies, { actor, credential, why: 'restored' }, request);
  back.events.push(...ended.events);
  for (const { id } of batches) {
    const batch = await tx.batches.lock(tenant, id);
    if (batch?.state !== 'OPEN') continue;
    if (!(await tx.batches.change(batch, { state: 'WITHDRAWN', closed: now, mac: null }))) continue;
    back.events.push(event(tenant, actor, 'batch.withdrawn', { id }, request));
    back.counts.batches++;
  }
}

/** Ends changes that were decided: they must not be decided, or applied, again. */
export async function endChanges(
  tx: Transaction,
  tenant: string,
  revoked: Revocations,
  { how: { by, request } }: Revoking,
  back: RevokedAgain,
): Promise<void> {
  for (const id of [...revoked.changes].sort()) {
    const row = await tx.changes.lock(tenant, id);
    if (row === null || (row.state !== 'OPEN' && row.state !== 'APPROVED' && row.state !== 'PREVIEWING')) continue;
    await move(tx, null, row, 'EXPIRED', {});
    back.events.push(event(tenant, by, 'change.expired', { id, kind: row.kind }, request));
    back.counts.changes++;
  }
}

/** Takes people out of teams. */
export async function removeMembers(
  tx: Transaction,
  tenant: string,
  revoked: Revocations,
  { how: { by, request } }: Revoking,
  back: RevokedAgain,
): Promise<void> {
  for (const { team, person } of revoked.members.values()) {
    if (!(await tx.teams.deleteMember({ tenant, team, person }))) continue;
    const left = await teamParts(tx, tenant, team);
    const counts = { members: left.members.length, queues: left.queues.length, parts: partsDigest(left) };
    back.events.push(event(tenant, by, 'team.changed', { id: team, ...counts, removed: person }, request));
    back.counts.members++;
  }
}
