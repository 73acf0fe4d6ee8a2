// The check that a session is still live: its row and everything it depends on, read again while it is served (decision 0024 says how often).
import { hasCode, VaultError } from '../../errors.ts';
import type { Grant, Session } from '../../model/access.ts';
import { grantChecks, recordingChecks } from '../../model/access-checks.ts';
import { passes } from '../../model/check.ts';
import type { Caller } from '../../model/principal.ts';
import { isErased, type Recording } from '../../model/recording.ts';
import type { Tenant } from '../../model/tenant.ts';
import { accessContext } from '../access/context.ts';
import { requireAuthentic } from '../core/authority/authority-rows.ts';
import { countForgedRow } from '../core/authority/credential-rows.ts';
import { isCredentialLive } from '../core/authority/live-credential.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { countRefusal } from './count-refusal.ts';

export type LiveSession = {
  readonly tenant: Tenant;
  readonly session: Session;
  readonly grant: Grant;
  readonly recording: Recording;
};

/**
 * The session, while everything it depends on holds. Throws `not_found` for another person's or a missing one. Throws
 * `session_ended` with the checks otherwise, after overwriting the session's keys in this process and recording the
 * denial in the log.
 */
export async function liveSession(
  vault: Pick<Vault, 'db' | 'clock' | 'settings' | 'metadataKeys' | 'sessionKeys'>,
  by: Caller,
  id: string,
  request: RequestContext,
): Promise<LiveSession> {
  const tenant = await vault.db.read((rows) => rows.tenants.find(by.tenant), request);
  if (tenant === null) throw new VaultError('not_found', 'there is no such session');
  try {
    const metadataKey = await vault.metadataKeys.get(tenant, request);
    return await vault.db.read(async (rows) => {
      const session = await rows.sessions.find(by.tenant, id);
      if (session === null || session.principal !== by.principal)
        throw new VaultError('not_found', 'there is no such session');
      const grant = await rows.access.grant(by.tenant, session.grant);
      if (grant === null) throw new VaultError('not_found', 'there is no such session');
      requireAuthentic(metadataKey, 'session', session);
      requireAuthentic(metadataKey, 'access_grant', grant);
      const context = await accessContext(rows, metadataKey, by, session.recording);
      if (isErased(context.recording)) throw new VaultError('erased', 'this recording was erased');
      const now = await rows.now();
      const checks = [
        { check: 'credential-live', ok: await isCredentialLive(rows, by, now, metadataKey), code: 'credential_ended' },
        // A session works only in the browser that opened it, and in no program.
        { check: 'same-browser', ok: session.signIn === (by.signIn?.id ?? null), code: 'another_browser' },
        {
          check: 'session-live',
          ok: session.state === 'LIVE' && now < session.ends,
          code: `session_${session.reason ?? 'expired'}`,
        },
        ...grantChecks(grant, context.person, now),
        ...recordingChecks(context, grant.purpose),
      ];
      if (!passes(checks)) throw new VaultError('session_ended', 'the session has ended', { checks });
      return { tenant: context.tenant, session, grant, recording: context.recording };
    }, request);
  } catch (error) {
    if (hasCode(error, 'session_ended', 'erased', 'integrity')) vault.sessionKeys.end(id);
    await countForgedRow(vault, error, request);
    await countRefusal(vault, by, { type: 'session', id }, error, request);
    throw error;
  }
}
