// What becomes of recordings by the decision on a subject request: some of them, in one transaction.
import type { SecretKey } from '../../envelope/secret-key.ts';
import { hasCode } from '../../errors.ts';
import type { JsonObject } from '../../model/amendments/amendment.ts';
import { type Actor, eventList, type NewEvent } from '../../model/audit-event.ts';
import { needsNoConsent } from '../../model/basis.ts';
import type { BegunErasure } from '../../model/erasure.ts';
import { groundOf, outcomeBlocker } from '../../model/subject/outcome.ts';
import type { SubjectKind, SubjectMatch, SubjectRequest } from '../../model/subject/request.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { Transaction } from '../../ports/database.ts';
import { endForbidden } from '../consent/end-access.ts';
import { event } from '../core/events/events.ts';
import { writeAct } from '../core/facts/write-act.ts';
import { requireNotHeld } from '../core/holds/require-not-held.ts';
import type { RequestContext } from '../core/request-context.ts';
import { sealTold } from '../core/subjects/sealed-subject.ts';
import type { Vault } from '../core/vault.ts';
import { eraseTogether } from '../erasure/erase-together.ts';
import { type Surveyed, surveyContext, surveyRecording, toldOf } from './survey.ts';

/** Whose decision: the tenant's row and the request's, both locked, and what was asked for. */
export type Deciding = {
  readonly tenant: Tenant;
  readonly metadataKey: SecretKey;
  readonly subject: SubjectRequest;
  readonly asked: readonly SubjectKind[];
};

/** Who carries it out, and the change that two people signed. */
export type CarryingOut = { readonly by: Actor; readonly change: string; readonly request: RequestContext };

/** What was done: on how many recordings, and which stay because something keeps them from what was decided. */
export type CarriedOut = {
  readonly events: readonly NewEvent[];
  readonly erasures: readonly BegunErasure[];
  readonly sessions: readonly string[];
  readonly done: number;
  readonly stays: readonly string[];
};

type Deps = Pick<Vault, 'phones' | 'replayGate'>;

/**
 * Carries out what was decided of these recordings. What the answer says of each is recorded just before. Throws
 * `hold_being_placed`: then nothing is done, and the next round tries again.
 */
export async function carryOutMatches(
  vault: Deps,
  tx: Transaction,
  deciding: Deciding,
  matches: readonly SubjectMatch[],
  how: CarryingOut,
): Promise<CarriedOut> {
  const { tenant, metadataKey, subject, asked } = deciding;
  const context = await surveyContext(tx, metadataKey, tenant);
  const stays: string[] = [];
  const erasing: Surveyed[] = [];
  const others: { readonly match: SubjectMatch; readonly surveyed: Surveyed }[] = [];
  let done = 0;
  // In order of ids, as every change locks several recordings.
  for (const match of matches) {
    const recording = await tx.recordings.lock(tenant.tenant, match.recording);
    const surveyed = recording === null ? null : await surveyRecording(tx, context, subject, recording);
    // Erased since, for another reason: the event of that is not the one that was signed.
    if (surveyed === null || !(await isPossible(tx, deciding, match, surveyed, context.now))) {
      stays.push(match.recording);
      continue;
    }
    const said = await toldOf(tx, context, surveyed);
    const told = sealTold(metadataKey, match, match.outcome === null ? said : { ...said, outcome: match.outcome });
    await tx.subjects.changeMatch(match, { done: context.now, told });
    done += 1;
    if (match.outcome === 'erase') erasing.push(surveyed);
    else others.push({ match, surveyed });
  }
  const parts = [
    ...(erasing.length === 0 ? [] : [await eraseThem(tx, subject, erasing, how)]),
    ...(others.length === 0 ? [] : [await narrowThem(vault, tx, { tenant, metadataKey, subject, asked }, others, how)]),
  ];
  return {
    events: parts.flatMap(({ events }) => events),
    erasures: parts.flatMap(({ erasures }) => erasures),
    sessions: parts.flatMap(({ sessions }) => sessions),
    ...{ done, stays },
  };
}

/** Whether what was decided can be done now. An erasure also asks the rows of holds, and waits for one that is being placed. */
async function isPossible(
  tx: Transaction,
  { subject, asked }: Deciding,
  { outcome }: SubjectMatch,
  { deciding, recording }: Surveyed,
  now: string,
): Promise<boolean> {
  if (outcome === null) return false;
  if (outcomeBlocker(outcome, { kinds: asked }, deciding, now) !== null) return false;
  if (outcome !== 'erase') return true;
  const keepers = await tx.subjects.holding(subject.tenant, recording.id);
  if (keepers.some((id) => id !== subject.id)) return false;
  try {
    await requireNotHeld(tx, recording);
    return true;
  } catch (error) {
    // Also where its holds are not as they were written: it must not keep others from what was decided.
    if (hasCode(error, 'held', 'integrity')) return false;
    throw error;
  }
}

type Part = Pick<CarriedOut, 'events' | 'erasures' | 'sessions'>;

async function eraseThem(
  tx: Transaction,
  { tenant, id: cause }: SubjectRequest,
  going: readonly Surveyed[],
  { by, change, request }: CarryingOut,
): Promise<Part> {
  const recordings = eventList(going.map(({ recording }) => recording.id));
  const object = { type: 'tenant' as const, id: tenant, recordings, reason: 'request' as const, cause, change };
  const began = event(tenant, by, 'recording.erasing', object, request);
  return eraseTogether(
    tx,
    by,
    began,
    going.map(({ recording }) => recording),
    request,
  );
}

/** Restricts recordings from now on: because the person objects, or until nothing keeps them from being erased any more. */
async function narrowThem(
  vault: Deps,
  tx: Transaction,
  { tenant, metadataKey, subject, asked }: Deciding,
  narrowed: readonly { readonly match: SubjectMatch; readonly surveyed: Surveyed }[],
  { by, change, request }: CarryingOut,
): Promise<Part> {
  const at = await tx.now();
  const events: NewEvent[] = [];
  for (const {
    match,
    surveyed: { recording },
  } of narrowed) {
    const [id, locked] = [recording.id, { tenant, metadataKey, recording }];
    const said = { at, request: subject.id };
    const set: JsonObject =
      match.outcome === 'restrict' ? { restricted: { ...said, ground: groundOf(asked) } } : { asked: said };
    const [name = ''] = Object.keys(set);
    const made = event(tenant.tenant, by, 'recording.amended', { id, set: name, change }, request);
    events.push(await writeAct(tx, vault, locked, set, made));
  }
  const how = { actor: by, credential: {}, why: 'restricted', words: null } as const;
  const forbids = (purpose: string) => !needsNoConsent(purpose);
  const ids = narrowed.map(({ surveyed: { recording } }) => ({
    tenant: tenant.tenant,
    id: recording.id,
    forbids,
    isNew: true,
  }));
  const ended = await endForbidden(tx, how, ids, request);
  return { events: [...events, ...ended.events], erasures: [], sessions: ended.sessions };
}
