// Live updates from log events to the people they concern: ids and codes, never text that a person wrote.
import type { AccessRequest, Grant, Session } from './access.ts';
import type { AuditAction } from './log/event-catalogue.ts';
import type { Leaf } from './log/leaf.ts';
import type { Caller } from './principal.ts';

const TYPES = {
  'access.requested': 'requested',
  'access.approved': 'approved',
  'access.denied': 'denied',
  'access.cancelled': 'cancelled',
  'access.expired': 'expired',
  'access.assigned': 'assigned',
  'grant.revoked': 'revoked',
  'grant.done': 'done',
  'grant.returned': 'returned',
  'grant.extended': 'grant_extended',
  'grant.expired': 'grant_expired',
  'session.ended': 'session_ended',
} as const satisfies Partial<Record<AuditAction, string>>;

/** An update: what happened to which request, grant or session. `reason` is a code. */
export type AccessUpdate = {
  readonly type: (typeof TYPES)[keyof typeof TYPES];
  readonly request?: string;
  readonly grant?: string;
  readonly session?: string;
  readonly batch?: string;
  readonly recording?: string;
  readonly reason?: string;
};

/** The update in a leaf; null where it has none. */
export function accessUpdateOf({ action, outcome, object }: Leaf): AccessUpdate | null {
  if (outcome !== 'ok' || !Object.hasOwn(TYPES, action)) return null;
  const type = TYPES[action as keyof typeof TYPES];
  const text = (name: string): string | undefined => {
    const value = object.type === name ? object.id : object[name];
    return typeof value === 'string' ? value : undefined;
  };
  const named = {
    request: text('request'),
    grant: text('grant'),
    session: text('session'),
    batch: text('batch'),
    recording: text('recording'),
    reason: type === 'session_ended' ? text('reason') : text('why'),
  };
  const known = Object.entries(named).filter(([, value]) => value !== undefined);
  return { type, ...(Object.fromEntries(known) as Partial<AccessUpdate>) };
}

/** The rows that an update refers to, as far as it refers to any. */
export type AccessUpdateRows = {
  readonly request: Pick<AccessRequest, 'requester'> | null;
  readonly grant: Pick<Grant, 'person'> | null;
  readonly session: Pick<Session, 'principal'> | null;
};

/**
 * Whether an update concerns this person: their own request, grant or session, or any request or grant if they decide.
 * A new request concerns only those who may decide on it.
 */
export function isAddressedTo(
  { type }: AccessUpdate,
  { request, grant, session }: AccessUpdateRows,
  person: string,
  decides: boolean,
): boolean {
  if (type === 'session_ended') return session?.principal === person;
  const own = (request?.requester ?? grant?.person) === person;
  return type === 'requested' ? decides && !own : own || decides;
}

/** Whether an event ends the credential that was presented. */
export function endsCredential({ action, outcome, object }: Leaf, by: Pick<Caller, 'apiKey' | 'signIn'>): boolean {
  if (outcome !== 'ok') return false;
  if (action === 'sign_in.ended') return object.id === by.signIn?.id;
  if (action === 'api_key.revoked') return object.id === by.apiKey;
  return action === 'tenant.suspended';
}
