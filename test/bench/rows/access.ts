// Rows of the access to one call: request, decision, grant, session, events.
import { canonicalBytes } from '../../../src/bytes/canonical-json.ts';
import { sealColumn } from '../../../src/envelope/column.ts';
import type { AccessRequest, Grant, Session } from '../../../src/model/access.ts';
import { withMac } from '../../../src/vault/core/authority/authority-rows.ts';
import { AGENTS, agentName, type SeedCast } from './cast.ts';
import type { Random } from './random.ts';
import { type AppendEvent, time } from './recordings.ts';
import type { Batch } from './tables.ts';

/** How many requests, grants and sessions are open: of the newest calls. */
export const OPEN = 200;
/** Calls that a batch has on average. */
const CALLS_OF_BATCH = 20;

const HOUR_MS = 3_600_000;

/** What becomes of a request. */
type Fate = 'open' | 'granted' | 'listening' | 'ended' | 'assigned' | 'denied' | 'expired';

/** Adds a request for a call, and what followed. */
export function addAccess(
  cast: SeedCast,
  recording: string,
  at: number,
  fate: Fate,
  random: Random,
  batch: Batch,
  append: AppendEvent,
): void {
  const { metadataKey, reviewers, supervisors, until } = cast;
  const tenant = cast.tenant.tenant;
  // The first reviewer makes a fifth of the requests, the last makes none.
  const others = 1 + random.below(Math.max(1, reviewers.length - 2));
  const requester = reviewers[random.next() < 0.2 ? 0 : others] ?? '';
  const approver = supervisors[random.below(supervisors.length)] ?? '';
  if (fate === 'assigned') {
    addAssigned(cast, recording, at, { requester, approver }, random, batch);
    return;
  }
  const isNow = fate === 'open' || fate === 'granted' || fate === 'listening';
  const [asked, expires] = isNow ? [until, until + 12 * HOUR_MS] : [at, at + HOUR_MS];
  const id = random.id('req', asked);
  const state =
    fate === 'open' ? 'REQUESTED' : fate === 'denied' ? 'DENIED' : fate === 'expired' ? 'EXPIRED' : 'APPROVED';
  const words = sealed(cast, id, 'weekly sample');
  const request = withMac(metadataKey, 'access_request', {
    ...{ tenant, id, recording, requester, purpose: 'quality', objects: ['audio'], minutes: 15, state, version: 2 },
    ...{ created: time(asked), expires: time(expires), approvalsNeeded: 1, policy: cast.policy, words },
  } satisfies Omit<AccessRequest, 'mac'>);
  batch.access_request.push([
    ...[tenant, id, state, 2, request.created, recording, requester, 'quality', 'audio', 15, request.expires, 1],
    ...[cast.policy, words, fate === 'open' ? request.mac : null],
  ]);
  const person = { type: 'person', id: requester, auth: 'sign-in' } as const;
  const decider = { type: 'person', id: approver, auth: 'sign-in' } as const;
  append(asked, person, 'access.requested', { type: 'request', id, recording, approvals: 1 });
  if (fate === 'open' || fate === 'expired') return;
  const decision = fate === 'denied' ? 'deny' : 'approve';
  const why = fate === 'denied' ? sealed(cast, `${id}:${approver}`, 'no reason to listen') : null;
  const decided = withMac(metadataKey, 'decision', {
    ...{ tenant, request: id, approver, decision, at: time(asked), words: why, minutes: null, objects: null },
    ...{ opensUntil: null, extendMinutes: null },
  } as const);
  batch.decision.push([tenant, id, approver, decision, time(asked), why, null, null, decided.mac]);
  append(asked, decider, decision === 'deny' ? 'access.denied' : 'access.approved', { type: 'request', id, recording });
  if (fate === 'denied') return;
  const grantId = random.id('grt', asked);
  const isLive = fate === 'granted' || fate === 'listening';
  const grant = withMac(metadataKey, 'access_grant', {
    ...{ tenant, id: grantId, request: id, recording, person: requester, purpose: 'quality', objects: ['audio'] },
    ...{ state: isLive ? 'APPROVED' : 'EXPIRED', version: 1, approved: time(asked), expires: time(expires), uses: 3 },
    ...{ minutes: null, opensUntil: null, started: null, extendMinutes: null, extended: null },
    ...{ usesLeft: 2, revokedAt: null, revokedBy: null, revokedWords: null },
    ...{ batch: null, done: null, doneWords: null },
  } satisfies Omit<Grant, 'mac'>);
  batch.access_grant.push([
    ...[tenant, grantId, id, recording, requester, 'quality', 'audio', grant.state, 1, grant.approved, grant.expires],
    ...[3, 2, null, null, null, isLive ? grant.mac : null, null, null, null],
  ]);
  if (fate === 'granted') return;
  const sessionId = random.id('ses', asked);
  const ended = fate === 'listening' ? null : time(asked + 600_000);
  const session = withMac(metadataKey, 'session', {
    ...{
      tenant,
      id: sessionId,
      grant: grantId,
      recording,
      principal: requester,
      state: ended === null ? 'LIVE' : 'ENDED',
    },
    ...{ version: 1, opened: time(asked), ends: time(expires), ended, reason: ended === null ? null : 'closed' },
    ...{ ranges: 12, bytes: 480_000, heard: null, playedMinutes: 4, unwraps: 1, signIn: null },
  } satisfies Omit<Session, 'mac'>);
  batch.session.push([
    ...[tenant, sessionId, grantId, recording, requester, session.state, 1, session.opened, session.ends, ended],
    ...[session.reason, 12, 480_000, '0-60000', null, ended === null ? session.mac : null],
  ]);
  append(asked, person, 'session.opened', { type: 'session', id: sessionId, recording, request: id, grant: grantId });
  if (ended !== null)
    append(asked, person, 'session.ended', { type: 'session', id: sessionId, recording, why: 'closed' });
}

/** Adds a grant of a batch that its reviewer finished, and now and then a batch. */
function addAssigned(
  cast: SeedCast,
  recording: string,
  at: number,
  { requester, approver }: { readonly requester: string; readonly approver: string },
  random: Random,
  batch: Batch,
): void {
  const tenant = cast.tenant.tenant;
  const [made, due] = [time(at), time(at + 4 * 24 * HOUR_MS)];
  if (batch.batch.length === 0 || random.next() < 1 / CALLS_OF_BATCH) {
    const id = random.id('bat', at);
    const [policy, proof] = [random.id('pol', at), random.id('prf', at)];
    batch.batch.push([
      ...[tenant, id, 'CLOSED', 2, made, approver, 'quality', 'audio', due, policy, proof],
      ...[sealed(cast, id, 'weekly sample'), due, null],
    ]);
  }
  batch.access_grant.push([
    ...[tenant, random.id('grt', at), null, recording, requester, 'quality', 'audio', 'DONE', 2, made, due],
    ...[3, 2, null, null, null, null, due, batch.batch.at(-1)?.[1] ?? null, time(at + HOUR_MS)],
  ]);
}

function sealed({ metadataKey, tenant }: SeedCast, row: string, reason: string): Buffer {
  return sealColumn(metadataKey, { tenant: tenant.tenant, row, column: 'words' }, canonicalBytes({ reason }));
}

/** What becomes of a request for a call that is `fromEnd` calls from the newest. */
export function fateOf(fromEnd: number, random: Random): Fate | null {
  if (fromEnd < OPEN) return 'open';
  if (fromEnd < 2 * OPEN) return 'granted';
  if (fromEnd < 2.5 * OPEN) return 'listening';
  if (random.next() >= 0.1) return null;
  const chance = random.next();
  return chance < 0.6 ? 'ended' : chance < 0.85 ? 'assigned' : chance < 0.92 ? 'denied' : 'expired';
}

/** Adds an ended sign-in session. */
export function addSignIn({ tenant }: SeedCast, principal: string, at: number, random: Random, batch: Batch): void {
  const [seen, ends] = [time(at + HOUR_MS), time(at + 12 * HOUR_MS)];
  batch.sign_in.push([
    ...[tenant.tenant, random.id('sgn', at), principal, 'ENDED', time(at), 'passkey', seen, seen, ends, time(at)],
    ...['passkey', seen, 'signed-out', 2, random.bytes(32), null],
  ]);
}

/** Adds a search, with its terms sealed. */
export function addSearch({ tenant, reviewers }: SeedCast, at: number, random: Random, append: AppendEvent): void {
  const person = { type: 'person', id: reviewers[random.below(reviewers.length)] ?? '', auth: 'sign-in' } as const;
  const object = { type: 'catalogue', id: tenant.tenant, by: 'agent' };
  append(at, person, 'recording.searched', object, { agent: agentName(random.below(AGENTS)) });
}

/** Adds a stored reply that expired. */
export function addReply({ tenant, uploader, until }: SeedCast, random: Random, batch: Batch): void {
  const expired = time(until - random.below(HOUR_MS));
  const key = random.bytes(16);
  const row = [tenant.tenant, uploader, 'POST /v1/recordings', key, 'instance', random.bytes(16), expired];
  batch.idempotency.push([...row, 'created', random.id('rec', until), 0]);
}
