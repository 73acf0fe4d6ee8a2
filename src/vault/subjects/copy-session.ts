// A session that reads one recording whole for the person's copy: opened on the change that two people approved, not on a grant.
import { newId } from '../../bytes/ids.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { hasCode, VaultError } from '../../errors.ts';
import type { Session } from '../../model/access.ts';
import { type DecisionContext, recordingChecks } from '../../model/access-checks.ts';
import { type Check, check, passes } from '../../model/check.ts';
import { hoursChecks } from '../../model/policy/limits.ts';
import type { Caller } from '../../model/principal.ts';
import { isErased, type Recording } from '../../model/recording.ts';
import { type ApprovedCopies, copiesChecks } from '../../model/subject/approved-copies.ts';
import type { SubjectRequest } from '../../model/subject/request.ts';
import type { Tenant } from '../../model/tenant.ts';
import { timeZoneOf } from '../../model/time-zone.ts';
import { trainingChecks } from '../../model/training.ts';
import type { Rows } from '../../ports/database.ts';
import type { SessionLook } from '../../ports/rows/look-rows.ts';
import { accessContextOf } from '../access/context.ts';
import { limitChecks } from '../access/limits.ts';
import { lockedAccess } from '../access/locked-access.ts';
import { requireAuthentic, withMac } from '../core/authority/authority-rows.ts';
import { countForgedRow } from '../core/authority/credential-rows.ts';
import { isPresentedLive } from '../core/authority/live-credential.ts';
import { actorOf, event, presentedCredential } from '../core/events/events.ts';
import { withOrigin } from '../core/personal/origin.ts';
import type { RequestContext } from '../core/request-context.ts';
import { endSession, tryEnd } from '../core/sessions/end-session.ts';
import { openCopies, openTold } from '../core/subjects/sealed-subject.ts';
import { metadataKeyOf } from '../core/tenants/active-tenant.ts';
import { readWithKey } from '../core/tenants/read-with-key.ts';
import type { Vault } from '../core/vault.ts';
import { countRefusal } from '../listening/count-refusal.ts';

type Deps = Pick<Vault, 'db' | 'clock' | 'settings' | 'metadataKeys' | 'sessionKeys'>;

/** The purpose that such sessions name. */
const PURPOSE = 'subject-request';
/** How long a session can be read at least, and how many times faster than it was spoken a long call must be. */
const LEAST_MS = 3_600_000;
const LEAST_SPEED = 4;
/** How long the end of a session may take after the client has disconnected. */
const END_MS = 30_000;

/** A request whose copies are made, and the change that approved them. */
export type CopiedRequest = Pick<SubjectRequest, 'id'> & { readonly change: string };

/** A live session and what it depends on, at the time of a check. */
export type CopySession = {
  readonly tenant: Tenant;
  readonly metadataKey: SecretKey;
  readonly session: Session;
  readonly recording: Recording;
};

/**
 * Opens a session on a recording whose copy was approved. Throws `not_found`, `erased`, `access_refused` with the checks, and
 * `integrity` where a row is not authentic.
 */
export async function openCopySession(
  vault: Deps,
  by: Caller,
  { id: subject, change }: CopiedRequest,
  recording: string,
  request: RequestContext,
): Promise<Session> {
  const metadataKey = await metadataKeyOf(vault, by.tenant, request);
  const { result } = await vault.db.change(async (tx) => {
    // An erasure or a restriction waits for the recording's row, and ends what is open after it.
    const lock = async () => {
      // Before the recording, as what carries a decision out locks them.
      await tx.subjects.lock(by.tenant, subject);
      return tx.looks.lockToAsk(by, recording);
    };
    const { caller, found, now } = await lockedAccess(tx, metadataKey, by, lock, 'there is no such recording');
    if (isErased(found.recording)) throw new VaultError('erased', 'this recording was erased');
    const context = accessContextOf(metadataKey, { ...found, person: caller });
    const copies = await requireApprovedCopy(tx, metadataKey, by.tenant, { subject, change, recording });
    const checks = [...copiesChecks(copies, caller.id, now), ...copyChecks(context, now)];
    requireAllowed([...checks, ...(await limitChecks(tx, context, now))], 'access_refused');
    if (copies === null) throw noCopies();
    const { id: policy } = context;
    const longest = Math.max(LEAST_MS, (found.recording.durationMs ?? 0) / LEAST_SPEED);
    const ends = Math.min(Date.parse(now) + longest, Date.parse(copies.ends));
    const session = withMac(metadataKey, 'session', {
      ...{ tenant: by.tenant, id: newId('ses'), grant: change, recording, principal: by.principal },
      ...{ state: 'LIVE', version: 1, opened: now, ends: new Date(ends).toISOString() },
      ...{ ended: null, reason: null, ranges: 0, bytes: 0, heard: null, playedMinutes: 0, unwraps: 0 },
      signIn: by.signIn?.id ?? null,
    });
    await tx.sessions.insert(session);
    const facts = { change, recording, purpose: PURPOSE, policy, ends: session.ends, ...presentedCredential(by) };
    const made = event(by.tenant, actorOf(by), 'session.opened', { id: session.id, ...facts }, request);
    return { result: session, events: [withOrigin(made, metadataKey, request)] };
  }, request);
  return result;
}

/**
 * The session again, while everything it depends on holds, the approval of the copies too. Throws `session_ended` with the checks otherwise, `erased`, and
 * `integrity`; then its keys in this process are overwritten, and a denial is in the log.
 */
export async function lookAtCopySession(
  vault: Deps,
  by: Caller,
  id: string,
  { id: subject }: CopiedRequest,
  request: RequestContext,
): Promise<CopySession> {
  const read = async (rows: Rows) => {
    const look = await rows.looks.session(by, id);
    if (look === null) return null;
    return { tenant: look.tenant, look, subject: await rows.subjects.find(by.tenant, subject), now: await rows.now() };
  };
  try {
    const looked = await readWithKey(vault, by.tenant, read, request);
    if (looked === null) throw new VaultError('not_found', 'there is no such session');
    const { metadataKey, found } = looked;
    return { metadataKey, ...requireLive(metadataKey, by, found) };
  } catch (error) {
    if (hasCode(error, 'session_ended', 'erased', 'integrity')) vault.sessionKeys.end(id);
    await countForgedRow(vault, error, request);
    await countRefusal(vault, by, { type: 'session', id }, error, request);
    throw error;
  }
}

/** Ends a session that was read, or whose client has disconnected; nothing where another change ended it. */
export async function endCopySession(
  vault: Deps,
  by: Caller,
  { tenant, id }: Session,
  request: RequestContext,
): Promise<void> {
  vault.sessionKeys.end(id);
  // The request's own signal has fired where the client disconnected.
  const ending = { ...request, signal: vault.clock.deadline(END_MS) };
  await tryEnd(
    vault,
    async (tx) => {
      const session = await tx.sessions.find(tenant, id);
      return session === null ? null : endSession(tx, actorOf(by), session, 'closed', ending);
    },
    ending,
  );
}

type Looked = { readonly look: SessionLook; readonly subject: SubjectRequest | null; readonly now: string };

function requireLive(
  metadataKey: SecretKey,
  by: Caller,
  { look, subject, now }: Looked,
): Omit<CopySession, 'metadataKey'> {
  const { session } = look;
  if (session === null || session.principal !== by.principal)
    throw new VaultError('not_found', 'there is no such session');
  requireAuthentic(metadataKey, 'session', session);
  const context = accessContextOf(metadataKey, look);
  const { tenant, recording, person, policy } = context;
  if (isErased(recording)) throw new VaultError('erased', 'this recording was erased');
  const copies = subject === null || subject.change !== session.grant ? null : openCopies(metadataKey, subject);
  requireAllowed(
    [
      check('credential-live', isPresentedLive(by, look, now, metadataKey), 'credential_ended'),
      check('session-live', session.state === 'LIVE' && now < session.ends, `session_${session.reason ?? 'expired'}`),
      check('person-active', person.state === 'ACTIVE', 'person_off'),
      ...copiesChecks(copies, person.id, now),
      ...copyChecks(context, now),
      ...hoursChecks(policy, timeZoneOf(tenant), now),
    ],
    'session_ended',
  );
  return { tenant, session, recording };
}

/**
 * What the policy asks of a session for copies, and that the person is a privacy officer, whatever roles its purpose has. A
 * restriction allows it: the people who approved the copies knew of it.
 */
export function copyChecks(context: DecisionContext, now: string): Check[] {
  return [
    check('privacy-officer', context.person.roles.includes('privacy'), 'role_not_allowed'),
    ...recordingChecks(context, PURPOSE),
    ...trainingChecks(context, PURPOSE, now),
  ];
}

/** Throws this error with the checks where one of them fails. */
export function requireAllowed(checks: readonly Check[], code: 'access_refused' | 'session_ended'): void {
  if (!passes(checks)) throw new VaultError(code, 'no copy of this recording can be made now', { checks });
}

/** The error where no copies are approved, or no longer. */
export function noCopies(): VaultError {
  return new VaultError(
    'conflict',
    'no copies of this request are approved: two people decide again who makes them, until when and how often',
  );
}

/**
 * The approval, as its row has it now; null: it has ended. Throws `not_found` where the request does not have the recording,
 * or its copy was not decided by two people. Rows of matches have no MAC: what was done is sealed with what was said of the
 * recording.
 */
async function requireApprovedCopy(
  rows: Pick<Rows, 'subjects'>,
  metadataKey: SecretKey,
  tenant: string,
  { subject, change, recording }: { readonly subject: string; readonly change: string; readonly recording: string },
): Promise<ApprovedCopies | null> {
  const row = await rows.subjects.find(tenant, subject);
  const match = await rows.subjects.match(tenant, subject, recording);
  const told = match === null ? null : openTold(metadataKey, match);
  if (match?.outcome !== 'copy' || match.done === null || told?.outcome !== 'copy')
    throw new VaultError('not_found', 'no copy of this recording was approved');
  return row?.state === 'DOING' && row.change === change ? openCopies(metadataKey, row) : null;
}
