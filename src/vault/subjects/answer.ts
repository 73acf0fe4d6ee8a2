// The answer to a request, from what was said of each recording when it was done, or is to be said now.

import type { Caller } from '../../model/principal.ts';
import { isErased, type Recording } from '../../model/recording.ts';
import { type AnsweredRecording, type SubjectAnswer, subjectAnswer } from '../../model/subject/answer.ts';
import { suggestedOutcome } from '../../model/subject/outcome.ts';
import {
  MAX_MATCHES,
  type SubjectMatch,
  type SubjectRequest,
  type ToldRecording,
} from '../../model/subject/request.ts';
import { timeZoneOf } from '../../model/time-zone.ts';
import type { Rows } from '../../ports/database.ts';
import { countEvent } from '../core/events/count-events.ts';
import { actorOf } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import { openPerson, openTold, openWords } from '../core/subjects/sealed-subject.ts';
import { activeTenantAndKey } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { type SurveyContext, surveyContext, surveyRecording, toldOf } from './survey.ts';
import { noSubject } from './view.ts';

type Deps = Pick<Vault, 'db' | 'clock' | 'settings' | 'metadataKeys'>;

const DAY_MS = 86_400_000;
/** Passes over the store follow an erasure, for some minutes. */
const PASSES_MS = 3_600_000;
/** Recordings of one read, which keeps no other waiting for long. */
const PAGE = 100;

/**
 * The answer as it is now: a draft until all that was decided is done. The first look in five minutes is an event. Throws
 * `not_found`, and `integrity` for what is not authentic.
 */
export async function readAnswer(vault: Deps, by: Caller, id: string, request: RequestContext): Promise<SubjectAnswer> {
  const { metadataKey, tenant } = await activeTenantAndKey(vault, by.tenant, request);
  const { row, change, now } = await vault.db.read(async (rows) => {
    const found = await rows.subjects.find(by.tenant, id);
    if (found === null) throw noSubject();
    const decides = found.change === null ? null : await rows.changes.find(by.tenant, found.change);
    return { row: found, change: decides, now: await rows.now() };
  }, request);
  const object = { type: 'subject', id } as const;
  await countEvent(vault, { tenant: by.tenant, actor: actorOf(by), action: 'subject.read', object }, request);
  const person = openPerson(metadataKey, row);
  const of = { row, copies: person.copies };
  const recordings: AnsweredRecording[] = [];
  for (let after = ''; recordings.length < MAX_MATCHES; ) {
    const last = after;
    const page = await vault.db.read(async (rows) => {
      const context = await surveyContext(rows, metadataKey, tenant);
      const matches = await rows.subjects.matches(by.tenant, id, last, PAGE);
      const answered: AnsweredRecording[] = [];
      for (const match of matches) answered.push(await answeredOf(rows, context, of, match));
      return answered;
    }, request);
    recordings.push(...page);
    after = page.at(-1)?.recording ?? '';
    if (page.length < PAGE) break;
  }
  const isDone = recordings.every(({ done }) => done !== null) && change?.state === 'APPLIED';
  const isFinal = row.state === 'ANSWERED' || row.state === 'REFUSED' || (row.state === 'DOING' && isDone);
  return subjectAnswer({
    ...{ request: row, person, organisation: tenant.name, contact: null, timeZone: timeZoneOf(tenant) },
    ...{ words: openWords(metadataKey, row), recordings, made: row.ended ?? now, draft: !isFinal },
    backups: lastBackup(recordings, now, vault.settings.backupDays),
  });
}

type Of = { readonly row: SubjectRequest; readonly copies: boolean };

async function answeredOf(
  rows: Rows,
  context: SurveyContext,
  { row, copies }: Of,
  match: SubjectMatch,
): Promise<AnsweredRecording> {
  const { recording: id, done } = match;
  const said = openTold(context.metadataKey, match);
  if (done !== null && match.outcome !== null && said !== null)
    return { ...said, recording: id, outcome: match.outcome, done };
  const recording = await rows.recordings.find(match.tenant, id);
  const surveyed = recording === null ? null : await surveyRecording(rows, context, row, recording);
  if (surveyed === null)
    return { ...(said ?? unknown(recording, context.now)), recording: id, ...(await erasedOf(rows, match)) };
  const suggested = suggestedOutcome({ kinds: row.kinds, copies }, surveyed.deciding, context.now);
  return { ...(await toldOf(rows, context, surveyed)), recording: id, outcome: match.outcome ?? suggested, done };
}

/** A recording that was erased for another reason before its outcome was done is erased in the answer too. */
async function erasedOf(
  { erasures, recordings }: Pick<Rows, 'erasures' | 'recordings'>,
  { tenant, recording, done, outcome }: SubjectMatch,
): Promise<Pick<AnsweredRecording, 'outcome' | 'done'>> {
  const row = await recordings.find(tenant, recording);
  const erasure = await erasures.find(tenant, recording);
  if (row === null || isErased(row)) return { outcome: 'erase', done: erasure?.begun ?? done };
  return { outcome: outcome ?? 'told', done };
}

/** What is left of a recording that was erased before anything was said of it. */
function unknown(recording: Recording | null, now: string): ToldRecording {
  return {
    ...{ began: recording?.startedAt ?? now, direction: recording?.direction ?? null },
    ...{ duration_ms: recording?.durationMs ?? null, basis: 'none', withdrawn: false, has: [] },
    ...{ until: null, rule: null, held: false, heard: [] },
  };
}

/** The last day, YYYY-MM-DD in UTC, on which a backup may have what is erased; null where the deployment does not say. */
function lastBackup(recordings: readonly AnsweredRecording[], now: string, days: number | null): string | null {
  if (days === null) return null;
  const times = recordings.flatMap(({ outcome, done }) => (outcome === 'erase' ? [Date.parse(done ?? now)] : []));
  const last = times.length === 0 ? Date.parse(now) : Math.max(...times);
  return new Date(last + PASSES_MS + days * DAY_MS).toISOString().slice(0, 10);
}
