// A session that reads one recording whole for the person's copy: opened on the change that two people approved, not on a grant.
import { newId } from '../../bytes/ids.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { hasCode, VaultError } from '../../errors.ts';
import type { Session } from '../../model/access.ts';
import { type Check, check, passes } from '../../model/check.ts';
import type { Caller, Principal } from '../../model/principal.ts';
import { isErased, quarantineAllows, type Recording } from '../../model/recording.ts';
import type { SubjectRequest } from '../../model/subject/request.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { Rows } from '../../ports/database.ts';
import type { SessionLook } from '../../ports/rows/look-rows.ts';
import { accessContextOf } from '../access/context.ts';
import { lockedAccess } from '../access/locked-access.ts';
import { requireAuthentic, withMac } from '../core/authority/authority-rows.ts';
import { countForgedRow } from '../core/authority/credential-rows.ts';
import { isPresentedLive } from '../core/authority/live-credential.ts';
import { actorOf, event, presentedCredential } from '../core/events/events.ts';
import { withOrigin } from '../core/personal/origin.ts';
import type { RequestContext } from '../core/request-context.ts';
import { endSession, tryEnd } from '../core/sessions/end-session.ts';
import { openTold } from '../core/subjects/sealed-subject.ts';
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

/** A request whose copies are made: its row, and the change that approved them. */
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
    const lock = () => tx.looks.lockToAsk(by, recording);
    const { caller, found, now } = await lockedAccess(tx, metadataKey, by, lock, 'there is no such recording');
    if (isErased(found.recording)) throw new VaultError('erased', 'this recording was erased');
    const { id: policy } = accessContextOf(metadataKey, { ...found, person: caller });
    await requireApprovedCopy(tx, metadataKey, by.tenant, { subject, change, recording });
    requireAllowed(recordingChecks(found.recording, caller), 'access_refused');
    const longest = Math.max(LEAST_MS, (found.recording.durationMs ?? 0) / LEAST_SPEED);
    const session = withMac(metadataKey, 'session', {
      ...{ tenant: by.tenant, id: newId('ses'), grant: change, recording, principal: by.principal },
      ...{ state: 'LIVE', version: 1, opened: now, ends: new Date(Date.parse(now) + longest).toISOString() },
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
 * The session again, while everything it depends on holds. Throws `session_ended` with the checks otherwise, `erased`, and
 * `integrity`; then its keys in this process are overwritten, and a denial is in the log.
 */
export async function lookAtCopySession(
  vault: Deps,
  by: Caller,
  id: string,
  request: RequestContext,
): Promise<CopySession> {
  const read = async (rows: Rows) => {
    const look = await rows.looks.session(by, id);
    return look === null ? null : { tenant: look.tenant, look, now: await rows.now() };
  };
  try {
    const looked = await readWithKey(vault, by.tenant, read, request);
    if (looked === null) throw new VaultError('not_found', 'there is no such session');
    const { metadataKey, found } = looked;
    return { metadataKey, ...requireLive(metadataKey, by, found.look, found.now) };
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

function requireLive(
  metadataKey: SecretKey,
  by: Caller,
  look: SessionLook,
  now: string,
): Omit<CopySession, 'metadataKey'> {
  const { session } = look;
  if (session === null || session.principal !== by.principal)
    throw new VaultError('not_found', 'there is no such session');
  requireAuthentic(metadataKey, 'session', session);
  const { tenant, recording, person } = accessContextOf(metadataKey, look);
  if (isErased(recording)) throw new VaultError('erased', 'this recording was erased');
  requireAllowed(
    [
      check('credential-live', isPresentedLive(by, look, now, metadataKey), 'credential_ended'),
      check('session-live', session.state === 'LIVE' && now < session.ends, `session_${session.reason ?? 'expired'}`),
      check('person-active', person.state === 'ACTIVE', 'person_off'),
      check('tenant-active', tenant.state === 'ACTIVE', 'tenant_suspended'),
      ...recordingChecks(recording, person),
    ],
    'session_ended',
  );
  return { tenant, session, recording };
}

/** What stays strict though two people approved the copy. A restriction allows it: the person asked. */
export function recordingChecks(
  recording: Pick<Recording, 'state' | 'quarantine'>,
  { roles }: Pick<Principal, 'roles'>,
): Check[] {
  return [
    check('recording-available', recording.state === 'AVAILABLE', 'recording_not_available'),
    check('not-quarantined', quarantineAllows(recording.quarantine, roles), 'quarantined'),
    check('role-fits-purpose', roles.includes('privacy'), 'role_not_allowed'),
  ];
}

/** Throws this error with the checks where one of them fails. */
export function requireAllowed(checks: readonly Check[], code: 'access_refused' | 'session_ended'): void {
  if (!passes(checks)) throw new VaultError(code, 'no copy of this recording can be made now', { checks });
}

/**
 * Throws `not_found` where the request does not have the recording, or its copy was not decided by two people. Rows of matches
 * have no MAC: what was done is sealed with what was said of the recording.
 */
async function requireApprovedCopy(
  rows: Pick<Rows, 'subjects'>,
  metadataKey: SecretKey,
  tenant: string,
  { subject, change, recording }: { readonly subject: string; readonly change: string; readonly recording: string },
): Promise<void> {
  const row = await rows.subjects.find(tenant, subject);
  const match = await rows.subjects.match(tenant, subject, recording);
  const isDecided = (row?.state === 'DOING' || row?.state === 'ANSWERED') && row.change === change;
  const told = match === null ? null : openTold(metadataKey, match);
  if (!isDecided || match?.outcome !== 'copy' || match.done === null || told?.outcome !== 'copy')
    throw new VaultError('not_found', 'no copy of this recording was approved');
}
