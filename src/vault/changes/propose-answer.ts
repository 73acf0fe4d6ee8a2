// Proposing the decision on a subject request: what becomes of each recording, or why the request is rejected.
import type { SecretKey } from '../../envelope/secret-key.ts';
import { type FieldError, VaultError } from '../../errors.ts';
import {
  type AnswerBody,
  answerEffects,
  countOutcomes,
  type Decided,
  outcomesDigest,
} from '../../model/change/answer.ts';
import { changeEffects } from '../../model/change/effects.ts';
import type { Caller } from '../../model/principal.ts';
import { type CopiesClause, copiedDigest, copiedOf } from '../../model/subject/approved-copies.ts';
import { type OutcomeBlocker, outcomeBlocker, suggestedOutcome } from '../../model/subject/outcome.ts';
import {
  MAX_MATCHES,
  MOST_COPY_HOURS,
  type RefusalGround,
  type SubjectMatch,
  type SubjectOutcome,
  type SubjectRequest,
  type SubjectWords,
  USUAL_DOWNLOADS,
} from '../../model/subject/request.ts';
import type { Rows, Transaction } from '../../ports/database.ts';
import { requireAuthentic } from '../core/authority/authority-rows.ts';
import { requireLiveCaller } from '../core/authority/live-credential.ts';
import { actorOf, event, presentedCredential } from '../core/events/events.ts';
import { replyToStore } from '../core/idempotency/stored-reply.ts';
import type { RequestContext } from '../core/request-context.ts';
import { endCopiesOf } from '../core/subjects/end-copies.ts';
import { openPerson, sealOfSubject, sealTold } from '../core/subjects/sealed-subject.ts';
import { metadataKeyOf, requireActive } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { moveSubject } from '../subjects/change-subject.ts';
import { type SurveyContext, surveyContext, surveyRecording, toldOf } from '../subjects/survey.ts';
import { isPending, noSubject, requireOpen, type SubjectResult, subjectView } from '../subjects/view.ts';
import { makeProposal } from './proposal.ts';

type Deps = Pick<Vault, 'db' | 'metadataKeys' | 'sessionKeys'>;

/** What is decided: outcomes where they are other than suggested, or a rejection; words for the answer; and a note to the second person. */
export type WantedAnswer = {
  readonly outcomes: readonly Decided[];
  readonly words: Pick<SubjectWords, 'en' | 'zh-CN'>;
  readonly refusal: { readonly ground: RefusalGround; readonly reason: string } | null;
  /** Who makes the copies: by default the proposer, for 72 hours, with three downloads. */
  readonly copies: Partial<Pick<CopiesClause, 'officer' | 'hours' | 'downloads'>> | null;
  readonly note: string;
};

/** A request's recordings as they were judged, in the state of the request that they were judged in. */
type Judged = {
  readonly request: SubjectRequest;
  readonly rows: readonly JudgedMatch[];
  /** The recordings that are copied, also by an earlier decision. */
  readonly copied: readonly string[];
};
type JudgedMatch = { readonly match: SubjectMatch; readonly outcome: SubjectOutcome; readonly told: Uint8Array | null };

/**
 * Proposes a decision. Throws `not_found`, `conflict` before the search, while another decision waits and where the request
 * changed meanwhile, and `malformed` for outcomes that what keeps a recording, or what was asked, does not allow.
 */
export async function proposeAnswer(
  vault: Deps,
  by: Caller,
  id: string,
  wanted: WantedAnswer,
  request: RequestContext,
): Promise<SubjectResult> {
  const metadataKey = await metadataKeyOf(vault, by.tenant, request);
  // Before the transaction: recordings are read one by one.
  const judged = await vault.db.read((rows) => judge(rows, metadataKey, by.tenant, id, wanted), request);
  const { result, receipts } = await vault.db.change(async (tx) => {
    await requireLiveCaller(tx, by, metadataKey);
    const tenant = requireActive(await tx.tenants.lock(by.tenant));
    const row = await tx.subjects.lock(by.tenant, id);
    if (row === null) throw noSubject();
    if (row.version !== judged.request.version)
      throw new VaultError('conflict', 'this request changed while its recordings were looked at: look at it again');
    await requireDecidable(tx, row, wanted.refusal !== null);
    // Copies of an earlier decision are approved again with this one.
    const how = { actor: actorOf(by), credential: presentedCredential(by), why: 'decided' } as const;
    const ended = await endCopiesOf(tx, row, how, request);
    const counted = await moveSubject(tx, ended.row, { round: row.round + 1 });
    for (const { match, outcome, told } of judged.rows) await tx.subjects.changeMatch(match, { outcome, told });
    const officer = await officerOf(tx, metadataKey, by, wanted);
    const { body, effects } = bodyOf(judged, wanted, officer);
    const proposer = {
      ...{ by: actorOf(by), proposer: by.principal, byCommand: false },
      ...{ note: wanted.note, credential: presentedCredential(by) },
    };
    const owner = { id: by.tenant, tenant, metadataKey };
    const proposal = await makeProposal(tx, owner, { body, preview: null, effects }, proposer, request);
    const change = proposal.made.object.id;
    const said = { ...wanted.words, ...(wanted.refusal === null ? {} : { refusal: wanted.refusal }) };
    const words = sealOfSubject(metadataKey, row, 'words', said);
    const after = await moveSubject(tx, counted, { state: 'PROPOSED', change, words });
    const object = { id, proposal: change, ...presentedCredential(by) };
    const told = event(by.tenant, actorOf(by), 'subject.proposed', object, request);
    return {
      result: { after, sessions: ended.sessions },
      events: [proposal.made, told, ...ended.events],
      placed: proposal.insert,
      ...replyToStore(request, 'done', id),
    };
  }, request);
  for (const session of result.sessions) vault.sessionKeys.end(session);
  const view = await vault.db.read((rows) => subjectView(rows, metadataKey, result.after), request);
  return { view, receipt: receipts[0] };
}

async function judge(
  rows: Rows,
  metadataKey: SecretKey,
  of: string,
  id: string,
  { outcomes, refusal, copies }: WantedAnswer,
): Promise<Judged> {
  const request = await rows.subjects.find(of, id);
  if (request === null) throw noSubject();
  await requireDecidable(rows, requireOpen(request), refusal !== null);
  const tenant = requireActive(await rows.tenants.find(of));
  const matches = await rows.subjects.matches(of, id, '', MAX_MATCHES);
  requireKnown(matches, outcomes);
  if (refusal !== null) return { request, rows: [], copied: [] };
  const context = await surveyContext(rows, metadataKey, tenant);
  const chosen = new Map(outcomes.map(({ recording, outcome }) => [recording, outcome]));
  const judging = { rows, context, request, copies: openPerson(metadataKey, request).copies };
  const judged: JudgedMatch[] = [];
  const fields: FieldError[] = [];
  for (const match of matches.filter(({ done }) => done === null)) {
    const { row, blocker } = await judgeOne(judging, match, chosen.get(match.recording));
    const at = outcomes.findIndex(({ recording }) => recording === match.recording);
    if (blocker !== null)
      fields.push({ pointer: at < 0 ? '/outcomes' : `/outcomes/${at}/outcome`, detail: BLOCKED[blocker] });
    judged.push(row);
  }
  if (fields.length > 0)
    throw new VaultError('malformed', 'not all of these outcomes are possible', {
      fields: fields.slice(0, MOST_NAMED),
    });
  const before = copiedOf(matches.filter(({ done }) => done !== null));
  const copied = [...before, ...copiedOf(judged.map(({ match, outcome }) => ({ ...match, outcome })))].sort();
  if (copies !== null && copied.length === 0)
    throw new VaultError('malformed', 'no recording is copied', {
      fields: [{ pointer: '/copies', detail: 'is for a decision in which a recording is copied' }],
    });
  return { request, rows: judged, copied };
}

const MOST_NAMED = 20;

/** What stands against an outcome, for the person who chose it. */
const BLOCKED: Readonly<Record<OutcomeBlocker, string>> = {
  held: 'is under legal hold: choose held',
  restricted: 'is restricted: two people lift that first',
  'kept-by-rules': 'must be kept longer: choose later',
  'not-held': 'is under no legal hold',
  'not-kept': 'need not be kept longer: choose erase',
  'not-corrected': 'was not corrected since the request came: correct it first',
  'not-asked': 'is not what the person asked for',
  'restricted-already': 'is restricted already',
  'asked-already': 'is restricted already, and erased once nothing keeps it',
  damaged: 'is in quarantine: what is stored of it is damaged',
};

type Judging = {
  readonly rows: Rows;
  readonly context: SurveyContext;
  readonly request: SubjectRequest;
  readonly copies: boolean;
};

/** A recording that was erased since it was found keeps what was to be said of it; its erasure is in the answer. */
async function judgeOne(
  { rows, context, request, copies }: Judging,
  match: SubjectMatch,
  chosen: SubjectOutcome | undefined,
): Promise<{ readonly row: JudgedMatch; readonly blocker: OutcomeBlocker | null }> {
  const { metadataKey, now } = context;
  const recording = await rows.recordings.find(match.tenant, match.recording);
  const surveyed = recording === null ? null : await surveyRecording(rows, context, request, recording);
  if (surveyed === null) return { row: { match, outcome: 'told', told: match.told }, blocker: null };
  const outcome = chosen ?? suggestedOutcome({ kinds: request.kinds, copies }, surveyed.deciding, now);
  const told = sealTold(metadataKey, match, await toldOf(rows, context, surveyed));
  return { row: { match, outcome, told }, blocker: outcomeBlocker(outcome, request, surveyed.deciding, now) };
}

function requireKnown(matches: readonly SubjectMatch[], outcomes: readonly Decided[]): void {
  const known = new Set(matches.flatMap(({ recording, done }) => (done === null ? [recording] : [])));
  // Each once: of two outcomes, the second person would see one.
  const fields: FieldError[] = outcomes.flatMap(({ recording }, at) =>
    known.delete(recording)
      ? []
      : [{ pointer: `/outcomes/${at}/recording`, detail: 'is not of this request, done, or named before' }],
  );
  if (fields.length > 0)
    throw new VaultError('malformed', 'not all of these are recordings of the request', {
      fields: fields.slice(0, MOST_NAMED),
    });
}

/** Throws `conflict` before the search, which a rejection does not need, and while another decision waits or is being done. */
async function requireDecidable(
  rows: Pick<Rows | Transaction, 'changes' | 'subjects' | 'now'>,
  { id, state, change: newest, tenant }: SubjectRequest,
  isRefusal: boolean,
): Promise<void> {
  if (state === 'OPEN' && !isRefusal)
    throw new VaultError('conflict', "search for the person's recordings before you decide");
  if (state === 'DOING' && isRefusal)
    throw new VaultError('conflict', 'this request was decided: what was decided is being done');
  if (isRefusal && (await rows.subjects.countMatches(tenant, id)).some(({ done }) => done))
    throw new VaultError('conflict', 'some of what was decided is done: this request can no longer be rejected');
  const change = newest === null ? null : await rows.changes.find(tenant, newest);
  if (isPending(change, await rows.now()))
    throw new VaultError('conflict', `change ${change?.id} decides this request: withdraw it, or wait until it ends`);
}

/** Who makes the copies. Throws `malformed` where the person who was named is no active privacy officer. */
async function officerOf(
  tx: Transaction,
  metadataKey: SecretKey,
  by: Caller,
  { copies }: WantedAnswer,
): Promise<string> {
  const named = copies?.officer ?? by.principal;
  const person = await tx.principals.find(by.tenant, named);
  if (person?.kind === 'person' && person.state === 'ACTIVE' && person.roles.includes('privacy')) {
    requireAuthentic(metadataKey, 'principal', person);
    return named;
  }
  throw new VaultError('malformed', 'the person who would make the copies is no privacy officer', {
    fields: [{ pointer: '/copies/officer', detail: 'is no active privacy officer of your organisation' }],
  });
}

function bodyOf(
  { request, rows, copied }: Judged,
  { refusal, copies }: WantedAnswer,
  officer: string,
): { readonly body: AnswerBody; readonly effects: string } {
  const decided = rows.map(({ match: { recording }, outcome }) => ({ recording, outcome }));
  const { hours = MOST_COPY_HOURS, downloads = USUAL_DOWNLOADS } = copies ?? {};
  const clause: CopiesClause = {
    ...{ officer, hours, downloads },
    ...{ recordings: copied.length, sha256: copiedDigest(copied) },
  };
  const copying = copied.length === 0 ? null : { clause, recordings: copied };
  const body: AnswerBody = {
    ...{ v: 1, kind: 'answer', request: request.id, asked: request.kinds },
    ...{ outcomes: countOutcomes(decided), sha256: outcomesDigest(decided) },
    ...(refusal === null ? {} : { refusal: refusal.ground }),
    ...(copying === null ? {} : { copies: copying.clause }),
  };
  return { body, effects: changeEffects(answerEffects(request.id, decided, refusal !== null, copying)) };
}
