// Ends what gives access and was made, or last proven, in a time that never was. It gives nothing.
import type { Actor, NewEvent } from '../../model/audit-event.ts';
import { addMilliseconds } from '../../model/sign-in.ts';
import { FLOOR_AHEAD_MS } from '../../model/time/transaction-time.ts';
import type { Transaction } from '../../ports/database.ts';
import { endGrant, isLive } from '../access/end-grant.ts';
import { move } from '../changes/decide.ts';
import { allPages } from '../core/all-pages.ts';
import { DEPLOYMENT, event } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import { endSession } from '../core/sessions/end-session.ts';
import { endSignIns } from '../core/sessions/end-sign-ins.ts';

/** What ended: the events, the listening sessions, and how many of each kind. */
export type EndedLater = {
  readonly events: readonly NewEvent[];
  readonly sessions: readonly string[];
  readonly counts: Readonly<Record<EndedKind, number>>;
};

type EndedKind = 'sign_ins' | 'links' | 'api_keys' | 'changes' | 'requests' | 'sessions' | 'grants' | 'assignments';

export const NOTHING_ENDED: EndedLater['counts'] = {
  ...{ sign_ins: 0, links: 0, api_keys: 0, changes: 0 },
  ...{ requests: 0, sessions: 0, grants: 0, assignments: 0 },
};

type Ending = {
  readonly tx: Transaction;
  readonly log: string;
  readonly by: Actor;
  readonly request: RequestContext;
  readonly isLater: (...times: readonly (string | null)[]) => boolean;
  readonly events: NewEvent[];
  readonly sessions: string[];
  readonly counts: Record<EndedKind, number>;
};

/** Ends, in a tenant or the deployment, what was made or last proven more than a minute later than `to`. */
export async function endLater(
  tx: Transaction,
  log: string,
  to: string,
  by: Actor,
  request: RequestContext,
): Promise<EndedLater> {
  const limit = addMilliseconds(to, FLOOR_AHEAD_MS);
  const ending: Ending = {
    ...{ tx, log, by, request, events: [], sessions: [] },
    isLater: (...times) => times.some((time) => time !== null && time > limit),
    counts: { ...NOTHING_ENDED },
  };
  await endLaterSignIns(ending);
  await endLaterCredentials(ending);
  await endLaterChanges(ending);
  if (log !== DEPLOYMENT) {
    await endLaterSessions(ending);
    await endLaterAssignments(ending);
    await endLaterGrants(ending, to);
    await endLaterRequests(ending);
  }
  const { events, sessions, counts } = ending;
  return { events, sessions, counts };
}

async function endLaterSignIns({ tx, log, by, request, isLater, events, sessions, counts }: Ending): Promise<void> {
  for (const signIn of await tx.signIns.liveIn(log)) {
    if (!isLater(signIn.created, signIn.authTime)) continue;
    const done = await endSignIns(tx, by, [signIn], 'expired', request);
    events.push(...done.events);
    sessions.push(...done.sessions);
    counts.sign_ins += done.ended;
    counts.sessions += done.sessions.length;
  }
}

async function endLaterCredentials({ tx, log, by, request, isLater, events, counts }: Ending): Promise<void> {
  for (const link of await tx.signIns.openLinks(log, null)) {
    if (!isLater(link.created)) continue;
    counts.links += Number(await tx.signIns.changeLink(link, { state: 'WITHDRAWN', mac: null }));
  }
  for (const key of await tx.principals.apiKeys(log, null)) {
    if (key.state !== 'ACTIVE' || !isLater(key.created)) continue;
    if (!(await tx.principals.changeApiKey(key, { state: 'REVOKED', mac: null }))) continue;
    events.push(event(log, by, 'api_key.revoked', { id: key.id, principal: key.principal }, request));
    counts.api_keys++;
  }
}

async function endLaterChanges({ tx, log, by, request, isLater, events, counts }: Ending): Promise<void> {
  for (const state of ['PREVIEWING', 'OPEN', 'APPROVED'] as const) {
    const waiting = await allPages((before, limit) => tx.changes.page(log, state, before, limit));
    for (const { id, opened, signed, decided } of waiting) {
      if (!isLater(opened, signed, decided)) continue;
      const row = await tx.changes.lock(log, id);
      if (row?.state !== state) continue;
      await move(tx, null, row, 'EXPIRED', {});
      events.push(event(log, by, 'change.expired', { id, kind: row.kind }, request));
      counts.changes++;
    }
  }
}

async function endLaterSessions({ tx, log, by, request, isLater, events, sessions, counts }: Ending): Promise<void> {
  for (const session of await tx.sessions.liveIn(log)) {
    if (!isLater(session.opened)) continue;
    const made = await endSession(tx, by, session, 'revoked', request);
    if (made === null) continue;
    events.push(made);
    sessions.push(session.id);
    counts.sessions++;
  }
}

/** Assignments, with their grants. */
async function endLaterAssignments(ending: Ending): Promise<void> {
  const { tx, log, by, request, isLater, events, counts } = ending;
  const open = await allPages((before, limit) => tx.batches.page(log, { state: 'OPEN' }, before, limit));
  for (const { id, created } of open) {
    if (!isLater(created)) continue;
    for (const grant of await tx.batches.grantsOf(log, [id])) await endLaterGrant(ending, grant.id);
    const batch = await tx.batches.lock(log, id);
    if (batch?.state !== 'OPEN') continue;
    if (!(await tx.batches.change(batch, { state: 'WITHDRAWN', closed: await tx.now(), mac: null }))) continue;
    events.push(event(log, by, 'batch.withdrawn', { id }, request));
    counts.assignments++;
  }
}

/** Grants that were made, first heard or extended later: what they give ends in a future that does not come. */
async function endLaterGrants(ending: Ending, to: string): Promise<void> {
  const { tx, log, isLater } = ending;
  const live = await allPages((before, limit) => tx.access.grants(log, { liveAt: to }, before, limit));
  for (const { id, approved, started, extended } of live)
    if (isLater(approved, started, extended)) await endLaterGrant(ending, id);
}

async function endLaterGrant(
  { tx, log, by: actor, request, events, sessions, counts }: Ending,
  id: string,
): Promise<void> {
  const grant = await tx.access.lockGrant(log, id);
  if (grant === null || !isLive(grant)) return;
  const why = grant.batch === null ? {} : ({ why: 'withdrawn' } as const);
  const done = await endGrant(tx, { actor, credential: {}, words: null, ...why }, grant, request);
  if (done === null) return;
  events.push(...done.events);
  sessions.push(...done.sessions);
  counts.grants++;
}

async function endLaterRequests({ tx, log, by, request, isLater, events, counts }: Ending): Promise<void> {
  const open = await allPages((before, limit) => tx.access.requests(log, { state: 'REQUESTED' }, before, limit));
  for (const { id, created } of open) {
    if (!isLater(created)) continue;
    const row = await tx.access.lockRequest(log, id);
    if (row?.state !== 'REQUESTED') continue;
    if (!(await tx.access.changeRequest(row, { state: 'CANCELLED', mac: null }))) continue;
    events.push(event(log, by, 'access.cancelled', { id, recording: row.recording }, request));
    counts.requests++;
  }
}
