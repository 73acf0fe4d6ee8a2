// The expiry of sessions, grants and undecided requests.
import type { AccessRequest, Grant, Session } from '../../model/access.ts';
import type { NewEvent } from '../../model/audit-event.ts';
import type { Transaction } from '../../ports/database.ts';
import { runAll } from '../core/concurrency.ts';
import { event, systemActor } from '../core/events/events.ts';
import { forTenant, type RequestContext } from '../core/request-context.ts';
import { endSession, tryEnd } from '../core/sessions/end-session.ts';
import type { Vault } from '../core/vault.ts';

type Deps = Pick<Vault, 'db' | 'sessionKeys' | 'settings'>;

const BATCH = 100;

/** Ends what has expired. Returns how many; a failure does not stop the others and is thrown at the end. */
export async function expireAccess(vault: Deps, request: RequestContext): Promise<number> {
  const due = await vault.db.read(async (rows) => {
    const now = await rows.now();
    return {
      sessions: await rows.sessions.overdue(now, BATCH),
      grants: await rows.access.overdueGrants(now, BATCH),
      requests: await rows.access.overdueRequests(now, BATCH),
    };
  }, request);
  return runAll([
    ...due.sessions.map((session) => () => expireSession(vault, session, forTenant(request, session.tenant))),
    ...due.grants.map((grant) => () => expireGrant(vault, grant, forTenant(request, grant.tenant))),
    ...due.requests.map(
      (accessRequest) => () => expireRequest(vault, accessRequest, forTenant(request, accessRequest.tenant)),
    ),
  ]);
}

function expireSession(vault: Deps, session: Session, request: RequestContext): Promise<boolean> {
  const work = async (tx: Transaction): Promise<NewEvent | null> => {
    // Its grant may have been extended since it was read.
    const locked = await tx.sessions.lock(session.tenant, session.id);
    if (locked === null || (await tx.now()) < locked.ends) return null;
    vault.sessionKeys.end(session.id);
    return endSession(tx, systemActor(vault.settings), locked, 'expired', request);
  };
  return tryEnd(vault, work, request);
}

function expireGrant(vault: Deps, grant: Grant, request: RequestContext): Promise<boolean> {
  const object = { id: grant.id, recording: grant.recording };
  const work = async (tx: Transaction): Promise<NewEvent | null> => {
    if (!(await tx.access.changeGrant(grant, { state: 'EXPIRED', mac: null }))) return null;
    return event(grant.tenant, systemActor(vault.settings), 'grant.expired', object, request);
  };
  return tryEnd(vault, work, request);
}

function expireRequest(vault: Deps, accessRequest: AccessRequest, request: RequestContext): Promise<boolean> {
  const object = { id: accessRequest.id, recording: accessRequest.recording };
  const work = async (tx: Transaction): Promise<NewEvent | null> => {
    if (!(await tx.access.changeRequest(accessRequest, { state: 'EXPIRED', mac: null }))) return null;
    return event(accessRequest.tenant, systemActor(vault.settings), 'access.expired', object, request);
  };
  return tryEnd(vault, work, request);
}
