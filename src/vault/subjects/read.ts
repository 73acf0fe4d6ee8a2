// Reading subject requests: the list, one, and its recordings. The first look in five minutes is an event.
import { VaultError } from '../../errors.ts';
import type { Caller } from '../../model/principal.ts';
import type { RecordingState } from '../../model/recording.ts';
import { ACTING, outcomeBlocker, suggestedOutcome } from '../../model/subject/outcome.ts';
import type {
  SubjectMatch,
  SubjectOutcome,
  SubjectRequest,
  SubjectState,
  ToldRecording,
} from '../../model/subject/request.ts';
import type { Rows } from '../../ports/database.ts';
import { countEvent } from '../core/events/count-events.ts';
import { actorOf } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import { openPerson, openTold } from '../core/subjects/sealed-subject.ts';
import { activeTenantAndKey, metadataKeyOf } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { type SurveyContext, surveyContext, surveyRecording, toldOf } from './survey.ts';
import { noSubject, type SubjectView, subjectView } from './view.ts';

type Deps = Pick<Vault, 'db' | 'clock' | 'metadataKeys'>;

/** Filter and page of a list of requests. */
export type SubjectPage = {
  readonly state: SubjectState | null;
  readonly before: string | null;
  readonly limit: number;
};

/** The tenant's requests, newest first. Throws `integrity` for a text that is not authentic. */
export async function listSubjects(
  vault: Deps,
  by: Caller,
  { state, before, limit }: SubjectPage,
  request: RequestContext,
): Promise<SubjectView[]> {
  await countRead(vault, by, 'subjects', by.tenant, request);
  const metadataKey = await metadataKeyOf(vault, by.tenant, request);
  return vault.db.read(async (rows) => {
    const views: SubjectView[] = [];
    for (const row of await rows.subjects.page(by.tenant, state, before, limit))
      views.push(await subjectView(rows, metadataKey, row));
    return views;
  }, request);
}

/** One request. Throws `not_found`, `integrity`. */
export async function readSubject(vault: Deps, by: Caller, id: string, request: RequestContext): Promise<SubjectView> {
  const metadataKey = await metadataKeyOf(vault, by.tenant, request);
  const view = await vault.db.read(async (rows) => {
    const row = await rows.subjects.find(by.tenant, id);
    return row === null ? null : subjectView(rows, metadataKey, row);
  }, request);
  if (view === null) throw noSubject();
  await countRead(vault, by, 'subject', id, request);
  return view;
}

/** A recording of a request, with what becomes of it. `told` null: it was erased before its outcome was decided. */
export type SubjectRecording = {
  readonly match: SubjectMatch;
  readonly state: RecordingState;
  readonly queue: string | null;
  readonly told: ToldRecording | null;
  readonly keptBy: string | null;
  readonly holds: readonly string[];
  readonly restricted: boolean;
  /** What was asked leads to; null once it is done. */
  readonly suggested: SubjectOutcome | null;
  /** The outcomes that are possible now, in their order. */
  readonly possible: readonly SubjectOutcome[];
  /** Why what was decided cannot be done now; null where it can, or is. */
  readonly blocked: string | null;
};

/** The recordings of a request in order of their ids, after one (empty: all). Throws `not_found`. */
export async function listSubjectRecordings(
  vault: Deps,
  by: Caller,
  id: string,
  after: string,
  limit: number,
  request: RequestContext,
): Promise<SubjectRecording[]> {
  const { metadataKey, tenant } = await activeTenantAndKey(vault, by.tenant, request);
  const found = await vault.db.read(async (rows) => {
    const row = await rows.subjects.find(by.tenant, id);
    if (row === null) throw noSubject();
    const context = await surveyContext(rows, metadataKey, tenant);
    const of = { row, copies: openPerson(metadataKey, row).copies };
    const all: SubjectRecording[] = [];
    for (const match of await rows.subjects.matches(by.tenant, id, after, limit))
      all.push(await recordingOf(rows, context, of, match));
    return all;
  }, request);
  await countRead(vault, by, 'subject', id, request);
  return found;
}

const MOST_HOLDS = 5;
const OUTCOMES: readonly SubjectOutcome[] = ['erase', 'later', 'held', 'rectify', 'restrict', 'copy', 'told'];

async function recordingOf(
  rows: Rows,
  context: SurveyContext,
  { row, copies }: { readonly row: SubjectRequest; readonly copies: boolean },
  match: SubjectMatch,
): Promise<SubjectRecording> {
  const { metadataKey, now } = context;
  const { tenant } = match;
  const recording = await rows.recordings.find(tenant, match.recording);
  if (recording === null) throw new VaultError('integrity', 'a recording of a subject request has no row');
  const surveyed = await surveyRecording(rows, context, row, recording);
  const before = openTold(metadataKey, match);
  if (surveyed === null)
    return {
      ...{ match, state: recording.state, queue: null, told: before, keptBy: null, holds: [], restricted: false },
      ...{ suggested: null, possible: match.done === null ? ['told'] : [], blocked: null },
    };
  const { deciding, facts, lifetime } = surveyed;
  const blockerOf = (outcome: SubjectOutcome) => outcomeBlocker(outcome, row, deciding, now);
  const isOpen = match.done === null;
  const acts = match.outcome !== null && ACTING.has(match.outcome);
  return {
    match,
    state: recording.state,
    queue: facts.queue ?? null,
    told: isOpen ? await toldOf(rows, context, surveyed) : before,
    keptBy: lifetime.keep?.name ?? null,
    holds: recording.holds === 0 ? [] : await rows.legalHolds.holding(tenant, recording.id, MOST_HOLDS),
    restricted: deciding.restricted || facts.asked !== undefined,
    suggested: isOpen ? suggestedOutcome({ kinds: row.kinds, copies }, deciding, now) : null,
    possible: isOpen ? OUTCOMES.filter((outcome) => blockerOf(outcome) === null) : [],
    blocked: isOpen && acts && match.outcome !== null ? blockerOf(match.outcome) : null,
  };
}

function countRead(
  vault: Pick<Vault, 'db' | 'clock'>,
  by: Caller,
  type: 'subjects' | 'subject',
  id: string,
  request: RequestContext,
): Promise<void> {
  const object = { type, id } as const;
  return countEvent(vault, { tenant: by.tenant, actor: actorOf(by), action: 'subject.read', object }, request);
}
