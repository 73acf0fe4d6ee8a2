// JSON view of a recording, with the caller's access state.
import type { Caller } from '../model/principal.ts';
import type { AccessStateView, ListedRecording } from '../vault/access/access-states.ts';
import type { RecordingChange } from '../vault/catalogue/read-changes.ts';
import type { ReadRecording } from '../vault/catalogue/read-recording.ts';
import { maskedOrNull } from './access-json.ts';

/** The recording. Signed-in people see masked numbers only; programs see whole ones. */
export function recordingToJson(listed: ListedRecording, by: Pick<Caller, 'auth'>) {
  const { recording, facts, quarantine, objects, access: standing } = listed;
  const browser = by.auth === 'sign-in';
  const whole = browser ? undefined : facts?.numbers;
  return {
    id: recording.id,
    state: recording.state.toLowerCase(),
    quarantine,
    started_at: recording.startedAt,
    duration_ms: recording.durationMs,
    direction: recording.direction,
    channels: recording.channels,
    language: recording.language,
    sensitivity: recording.sensitivity,
    from: whole?.from ?? null,
    to: whole?.to ?? null,
    from_masked: maskedOrNull(facts?.numbers?.from),
    to_masked: maskedOrNull(facts?.numbers?.to),
    agent: facts?.agent ?? null,
    queue: facts?.queue ?? null,
    ticket: facts?.ticket ?? null,
    interaction: facts?.interaction ?? null,
    wrap_up: facts?.wrap_up ?? null,
    fields: facts?.fields ?? {},
    source: facts?.source ?? null,
    // Platforms write numbers into both fields, so browsers get neither.
    call_id: browser ? null : (facts?.call_id ?? null),
    leg: facts?.leg ?? null,
    file_name: browser ? null : (facts?.file_name ?? null),
    basis: facts?.basis ?? null,
    objects: objects.map(({ name, deposit, verifiedAt }) => ({ name, deposit, verified_at: verifiedAt })),
    access: accessStateToJson(standing),
  };
}

/** A recording on its own, with what lists leave out. */
export function oneRecordingToJson({ version, retainUntil, correctable, ...listed }: ReadRecording, by: Caller) {
  const { facts } = listed;
  return {
    ...recordingToJson(listed, by),
    version,
    retain_until: retainUntil,
    restricted: facts?.restricted ?? null,
    pauses: facts?.pauses ?? [],
    events: facts?.events ?? {},
    correctable,
  };
}

/** A change of a recording's facts. Platforms write numbers into file names, so browsers do not get these. */
export function changeToJson({ n, at, asOf, by, name, reason, facts }: RecordingChange, caller: Pick<Caller, 'auth'>) {
  const shown = facts.map((change) =>
    change.fact === 'file_name' && caller.auth === 'sign-in' ? { fact: change.fact } : change,
  );
  return { n, at, as_of: asOf, by: { id: by, name }, reason, facts: shown };
}

function accessStateToJson(standing: AccessStateView) {
  const { state, code, purpose, request, grant, until, approvals, decidedBy, decider, reason } = standing;
  return {
    state,
    code,
    purpose,
    request: request?.id ?? null,
    grant: grant?.id ?? null,
    until,
    approvals,
    decided_by: decidedBy === null ? null : { id: decidedBy, name: decider },
    reason,
  };
}
