// Background work: carries out approved answers to subject requests, in batches, and marks each change as applied once all is done.
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { Actor, NewEvent } from '../../model/audit-event.ts';
import { type AnswerBody, copiesMembers, outcomesDigest, stayedMembers } from '../../model/change/answer.ts';
import type { Change } from '../../model/change/change.ts';
import type { BegunErasure } from '../../model/erasure.ts';
import { approvedCopies, copiedDigest, copiedOf } from '../../model/subject/approved-copies.ts';
import { ACTING } from '../../model/subject/outcome.ts';
import {
  MAX_MATCHES,
  type SubjectMatch,
  type SubjectOutcome,
  type SubjectRequest,
} from '../../model/subject/request.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { Transaction } from '../../ports/database.ts';
import { requireAuthentic } from '../core/authority/authority-rows.ts';
import { runAll } from '../core/concurrency.ts';
import { event, systemActor } from '../core/events/events.ts';
import { groupBy } from '../core/group-by.ts';
import { forTenant, type RequestContext } from '../core/request-context.ts';
import { openTold, sealOfSubject, sealTold } from '../core/subjects/sealed-subject.ts';
import { activeTenantAndKey, lockActiveTenant, requireActive } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { carryOutMatches } from '../subjects/carry-out.ts';
import { moveSubject } from '../subjects/change-subject.ts';
import { move } from './decide.ts';
import { bodyOf } from './sealed-texts.ts';

type Deps = Pick<Vault, 'db' | 'metadataKeys' | 'phones' | 'settings' | 'replayGate' | 'sessionKeys'>;

const MOST_CHANGES = 100;
/** Recordings of one transaction: others wait for the writer meanwhile. */
const BATCH = 20;
/** Ids of one event. */
const MOST_IDS = 200;

/**
 * One round over all approved answers. Returns on how many recordings it acted; a failure does not stop the others and is
 * thrown at the end. Every batch is complete in itself, as of releases.
 */
export async function continueAnswers(vault: Deps, request: RequestContext): Promise<number> {
  const approved = await vault.db.read((rows) => rows.changes.approvedOf('answer', MOST_CHANGES), request);
  const ready = approved.filter(({ tenant }) => vault.replayGate.isOpen(tenant));
  return runAll(ready.map((change) => () => continueOne(vault, change, forTenant(request, change.tenant))));
}

/** An answer that is carried out. */
type Answering = { readonly change: Change; readonly body: AnswerBody; readonly metadataKey: SecretKey };

/** A step's rows, locked, and the recordings of this decision: those that are not done, and those that it has done. */
type Locked = {
  readonly tx: Transaction;
  readonly tenant: Tenant;
  readonly change: Change;
  readonly subject: SubjectRequest;
  readonly left: readonly SubjectMatch[];
  readonly matches: readonly SubjectMatch[];
  readonly isLate: boolean;
};

/** What a step did: its events, erasures and ended sessions, and the recordings that it passed over. */
type Step = {
  readonly events: readonly NewEvent[];
  readonly erasures?: readonly BegunErasure[];
  readonly sessions?: readonly string[];
  readonly done?: number;
  readonly stays?: readonly string[];
};

async function continueOne(vault: Deps, change: Change, request: RequestContext): Promise<number> {
  const { metadataKey } = await activeTenantAndKey(vault, change.tenant, request);
  requireAuthentic(metadataKey, 'change', change);
  const body = bodyOf(metadataKey, change);
  if (body.kind !== 'answer') throw new VaultError('internal', 'only answers are carried out here');
  const answering = { change, body, metadataKey };
  await inAnswer(vault, answering, request, async (at) => ({ events: await begin(vault, at, request) }));
  let [done, all] = [0, false];
  const stays = new Set<string>();
  while (!all) {
    request.signal.throwIfAborted();
    const step = await inAnswer(vault, answering, request, (at) => batch(vault, answering, at, stays, request));
    if (step === null) break;
    done += step.done ?? 0;
    for (const id of step.stays ?? []) stays.add(id);
    all = (step.done ?? 0) + (step.stays?.length ?? 0) === 0;
  }
  // Nothing of the tenant is restricted or withdrawn meanwhile: that comes before the copies are approved, or ends them.
  await inAnswer(vault, answering, request, (at) => end(vault, answering, at, stays, request), true);
  return done;
}

/** The request is DOING from then on. */
async function begin(vault: Deps, { tx, change, subject }: Locked, request: RequestContext): Promise<NewEvent[]> {
  if (subject.state !== 'PROPOSED') return [];
  await moveSubject(tx, subject, { state: 'DOING' });
  const object = { id: subject.id, change: change.id };
  return [event(change.tenant, systemActor(vault.settings), 'subject.doing', object, request)];
}

async function batch(
  vault: Deps,
  { body, metadataKey, change }: Answering,
  { tx, tenant, left, isLate, subject }: Locked,
  stays: ReadonlySet<string>,
  request: RequestContext,
): Promise<Step> {
  const some = isLate ? [] : left.filter((one) => acts(one) && !stays.has(one.recording)).slice(0, BATCH);
  if (some.length === 0) return { events: [] };
  const how = { by: systemActor(vault.settings), change: change.id, request };
  return carryOutMatches(vault, tx, { tenant, metadataKey, subject, asked: body.asked }, some, how);
}

/**
 * Says what was not done, because what keeps it came meanwhile or the time is up, and marks the change as applied: what
 * stays is decided again.
 */
async function end(
  vault: Deps,
  answering: Answering,
  { tx, change, subject, left, matches, isLate }: Locked,
  stays: ReadonlySet<string>,
  request: RequestContext,
): Promise<Step> {
  const { metadataKey } = answering;
  // What came back to this decision while the last batch was made is done by the next round.
  const [acting, telling] = [left.filter(acts), left.filter((one) => !acts(one))];
  if (!isLate && acting.some(({ recording }) => !stays.has(recording))) return { events: [] };
  const now = await tx.now();
  const by = systemActor(vault.settings);
  const events: NewEvent[] = [];
  for (const [outcome, some] of groupBy(acting, (one) => one.outcome ?? 'told'))
    for (let at = 0; at < some.length; at += MOST_IDS) {
      const ids = some.slice(at, at + MOST_IDS).map(({ recording }) => recording);
      const stayed = { id: subject.id, ...stayedMembers(ids, outcome as SubjectOutcome), change: change.id };
      events.push(event(change.tenant, by, 'subject.stayed', stayed, request));
    }
  for (const match of acting) await tx.subjects.changeMatch(match, { outcome: null });
  for (const match of telling)
    await tx.subjects.changeMatch(match, { done: now, told: withOutcome(metadataKey, match) });
  events.push(...(await approveCopies(tx, answering, subject, matches, { by, now, request })));
  await move(tx, metadataKey, change, 'APPLIED', {});
  events.push(event(change.tenant, by, 'change.applied', { id: change.id, kind: change.kind }, request));
  return { events };
}

/** Whether the recordings that rows say are copied are those that two people signed. */
function areCopiesSigned({ copies }: AnswerBody, matches: readonly SubjectMatch[]): boolean {
  return copies === undefined || copiedDigest(copiedOf(matches)) === copies.sha256;
}

/** From now on the officer whom two people named can make the copies, until the end. */
async function approveCopies(
  tx: Transaction,
  { body: { copies }, metadataKey, change }: Answering,
  subject: SubjectRequest,
  matches: readonly SubjectMatch[],
  { by, now, request }: { readonly by: Actor; readonly now: string; readonly request: RequestContext },
): Promise<NewEvent[]> {
  if (copies === undefined) return [];
  const sealed = sealOfSubject(metadataKey, subject, 'copies', approvedCopies(change, copies, now));
  await moveSubject(tx, subject, { copies: sealed, copiesBy: copies.officer });
  const recordings = copiedOf(matches);
  const events: NewEvent[] = [];
  for (let at = 0; at < recordings.length; at += MOST_IDS) {
    const members = copiesMembers(copies, recordings.slice(at, at + MOST_IDS));
    events.push(event(change.tenant, by, 'subject.copies', { id: subject.id, ...members, change: change.id }, request));
  }
  return events;
}

/** What the answer says of a recording, with the outcome that was signed. */
function withOutcome(metadataKey: SecretKey, match: SubjectMatch): SubjectMatch['told'] {
  const told = openTold(metadataKey, match);
  if (told === null || match.outcome === null) return match.told;
  return sealTold(metadataKey, match, { ...told, outcome: match.outcome });
}

function acts({ outcome }: SubjectMatch): boolean {
  return outcome !== null && ACTING.has(outcome);
}

/** Runs one step of an answer that is approved, with what was signed. Null: it is not, or there was nothing to do. */
async function inAnswer(
  vault: Deps,
  { change: { tenant: id, id: changeId }, body, metadataKey }: Answering,
  request: RequestContext,
  step: (at: Locked) => Promise<Step>,
  exclusive = false,
): Promise<Step | null> {
  const { result } = await vault.db.change(async (tx) => {
    const nothing = { result: null, unchanged: true } as const;
    const tenant = exclusive ? requireActive(await tx.tenants.lock(id)) : await lockActiveTenant(tx, id);
    const change = await tx.changes.lock(id, changeId);
    if (change?.state !== 'APPROVED') return nothing;
    requireAuthentic(metadataKey, 'change', change);
    const subject = await tx.subjects.lock(id, body.request);
    const matches = await tx.subjects.matches(id, body.request, '', MAX_MATCHES);
    const ours = matches.filter(({ done }) => done === null || done >= (change.decided ?? ''));
    const left = ours.filter(({ done }) => done === null);
    const isLate = change.expires <= (await tx.now());
    // Rows that say other than what two people signed: nothing is done, and once the time is up it is decided again.
    const isSigned =
      subject?.change === changeId && outcomesDigest(ours) === body.sha256 && areCopiesSigned(body, matches);
    if (!isSigned && !isLate)
      throw new VaultError('integrity', 'what becomes of the recordings of a subject request is not what was signed');
    const taken = isSigned
      ? await step({ tx, tenant, change, subject, left, matches, isLate })
      : { events: [await expire(vault, tx, change, left, request)] };
    if (taken.events.length === 0) return { result: taken, unchanged: true };
    return { result: taken, events: taken.events, erasures: taken.erasures ?? [] };
  }, request);
  for (const session of result?.sessions ?? []) vault.sessionKeys.end(session);
  return result;
}

/** Ends an answer whose rows were edited: what is left has no outcome. */
async function expire(
  { settings }: Pick<Deps, 'settings'>,
  tx: Transaction,
  change: Change,
  left: readonly SubjectMatch[],
  request: RequestContext,
): Promise<NewEvent> {
  for (const match of left) await tx.subjects.changeMatch(match, { outcome: null });
  await move(tx, null, change, 'EXPIRED', {});
  const { tenant, id, kind } = change;
  return event(tenant, systemActor(settings), 'change.expired', { id, kind }, request);
}
