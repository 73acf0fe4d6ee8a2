// JSON views of requests and grants.
import type { AccessRequest, Grant } from '../model/access.ts';
import { maskedNumber } from '../model/masked-number.ts';
import type { ListedRequest, RequestDetails } from '../vault/access/read-requests.ts';
import type { DecisionView, GrantView, RequestView } from '../vault/access/views.ts';
import type { RecordingView } from '../vault/core/objects/recording-view.ts';

/** A request on its own. */
export function requestToJson(request: AccessRequest) {
  return {
    id: request.id,
    recording: request.recording,
    requester: request.requester,
    purpose: request.purpose,
    objects: request.objects,
    minutes: request.minutes,
    state: request.state.toLowerCase(),
    created: request.created,
    expires: request.expires,
    approvals_needed: request.approvalsNeeded,
  };
}

/** A grant on its own. */
export function grantToJson(grant: Grant) {
  return {
    id: grant.id,
    request: grant.request,
    batch: grant.batch,
    recording: grant.recording,
    person: grant.person,
    purpose: grant.purpose,
    objects: grant.objects,
    state: grant.state.toLowerCase(),
    approved: grant.approved,
    expires: grant.expires,
    uses: grant.uses,
    uses_left: grant.usesLeft,
    minutes: grant.minutes,
    opens_until: grant.opensUntil,
    started: grant.started,
    extend_minutes: grant.extendMinutes,
    extended: grant.extended,
    done: grant.done,
  };
}

/** A grant with names, its end, and the recording. */
export function grantViewToJson({ grant, holder, revoked, recording }: GrantView) {
  return { ...grantToJson(grant), requester_name: holder, revoked, recording_facts: recordingFactsToJson(recording) };
}

/** A request with names, note, decisions and the recording. */
export function requestViewToJson({ request, requester, reason, ticket, decisions, grant, recording }: RequestView) {
  return {
    ...requestToJson(request),
    requester_name: requester,
    reason,
    ticket,
    decisions: decisions.map(decisionToJson),
    grant: grant === null ? null : grantViewToJson(grant),
    recording_facts: recordingFactsToJson(recording),
  };
}

/** The same in a list. */
export function listedRequestToJson(view: ListedRequest) {
  return { ...requestViewToJson(view), same_number: view.sameNumber };
}

/** As `requestViewToJson`, with members that only a single request has. */
export function requestDetailToJson(view: RequestDetails) {
  const { asked, approved, denied, sessions, seconds } = view.use;
  return {
    ...requestViewToJson(view),
    requester_use: {
      asked_30d: asked,
      approved_30d: approved,
      denied_30d: denied,
      sessions_today: sessions,
      seconds_today: seconds,
    },
    checks: view.checks,
  };
}

/** A masked number; null where there is none. */
export function maskedOrNull(number: string | undefined): string | null {
  return number === undefined ? null : maskedNumber(number);
}

function decisionToJson({ decision, name, reason }: DecisionView) {
  return {
    approver: decision.approver,
    approver_name: name,
    decision: decision.decision,
    at: decision.at,
    reason,
    minutes: decision.minutes,
    objects: decision.objects,
  };
}

/** The recording of a request or a grant: numbers are always masked. */
function recordingFactsToJson(view: RecordingView | null) {
  if (view === null || view.facts === null) return null;
  const { recording, facts, objects } = view;
  return {
    started_at: recording.startedAt,
    duration_ms: recording.durationMs,
    direction: recording.direction,
    language: recording.language,
    from_masked: maskedOrNull(facts.numbers?.from),
    to_masked: maskedOrNull(facts.numbers?.to),
    agent: facts.agent ?? null,
    queue: facts.queue ?? null,
    ticket: facts.ticket ?? null,
    basis_kind: facts.basis.kind,
    sensitivity: recording.sensitivity,
    state: recording.state.toLowerCase(),
    objects: objects.map(({ name }) => name),
  };
}
