// The check that a session is still live: its row and everything it depends on, read again while it is served (decision 0024 says how often).
import type { SecretKey } from '../../envelope/secret-key.ts';
import { hasCode, VaultError } from '../../errors.ts';
import type { Grant, Session } from '../../model/access.ts';
import { grantChecks, recordingChecks } from '../../model/access-checks.ts';
import { check, passes } from '../../model/check.ts';
import { hoursChecks } from '../../model/policy/limits.ts';
import type { Policy } from '../../model/policy.ts';
import type { Caller } from '../../model/principal.ts';
import { isErased, type Recording } from '../../model/recording.ts';
import type { Tenant } from '../../model/tenant.ts';
import { timeZoneOf } from '../../model/time-zone.ts';
import type { Rows } from '../../ports/database.ts';
import type { SessionLook } from '../../ports/rows/look-rows.ts';
import { accessContextOf } from '../access/context.ts';
import { requireAuthentic } from '../core/authority/authority-rows.ts';
import { countForgedRow } from '../core/authority/credential-rows.ts';
import { isPresentedLive } from '../core/authority/live-credential.ts';
import type { RequestContext } from '../core/request-context.ts';
import { readWithKey } from '../core/tenants/read-with-key.ts';
import type { Vault } from '../core/vault.ts';
import { countRefusal } from './count-refusal.ts';

type Deps = Pick<Vault, 'db' | 'clock' | 'settings' | 'metadataKeys' | 'sessionKeys'>;

export type LiveSession = {
  readonly tenant: Tenant;
  readonly session: Session;
  readonly grant: Grant;
  readonly recording: Recording;
  readonly policy: Policy;
  /** The time of the check. */
  readonly now: string;
};

/**
 * The session, while everything it depends on holds. Throws `not_found` for another person's or a missing one. Throws
 * `session_ended` with the checks otherwise, after overwriting the session's keys in this process and recording the
 * denial in the log.
 */
export async function liveSession(vault: Deps, by: Caller, id: string, request: RequestContext): Promise<LiveSession> {
  const { live } = await liveSessionAnd(vault, by, id, () => Promise.resolve(null), request);
  return live;
}

/** The same, with what `more` reads in the same snapshot. Throws as `liveSession`. */
export async function liveSessionAnd<More>(
  vault: Deps,
  by: Caller,
  id: string,
  more: (rows: Rows) => Promise<More>,
  request: RequestContext,
): Promise<{ readonly live: LiveSession; readonly more: More }> {
  const read = async (rows: Rows) => {
    const look = await rows.looks.session(by, id);
    if (look === null) return null;
    return { tenant: look.tenant, look, now: await rows.now(), more: await more(rows) };
  };
  try {
    const looked = await readWithKey(vault, by.tenant, read, request);
    if (looked === null) throw noSession();
    const { look, now, more } = looked.found;
    return { live: requireLive(looked.metadataKey, by, look, now), more };
  } catch (error) {
    if (hasCode(error, 'session_ended', 'erased', 'integrity')) vault.sessionKeys.end(id);
    await countForgedRow(vault, error, request);
    await countRefusal(vault, by, { type: 'session', id }, error, request);
    throw error;
  }
}

function requireLive(metadataKey: SecretKey, by: Caller, look: SessionLook, now: string): LiveSession {
  const { session, grant } = look;
  if (session === null || session.principal !== by.principal || grant === null) throw noSession();
  requireAuthentic(metadataKey, 'session', session);
  requireAuthentic(metadataKey, 'access_grant', grant);
  const context = accessContextOf(metadataKey, look);
  if (isErased(context.recording)) throw new VaultError('erased', 'this recording was erased');
  const checks = [
    check('credential-live', isPresentedLive(by, look, now, metadataKey), 'credential_ended'),
    // A session works only in the browser that opened it, and in no program.
    check('same-browser', session.signIn === (by.signIn?.id ?? null), 'another_browser'),
    check('session-live', session.state === 'LIVE' && now < session.ends, `session_${session.reason ?? 'expired'}`),
    ...grantChecks(grant, context.person, now),
    ...recordingChecks(context, grant.purpose),
    ...hoursChecks(context.policy, timeZoneOf(context.tenant), now),
  ];
  if (!passes(checks)) throw new VaultError('session_ended', 'the session has ended', { checks });
  return { tenant: context.tenant, session, grant, recording: context.recording, policy: context.policy, now };
}

function noSession(): VaultError {
  return new VaultError('not_found', 'there is no such session');
}
