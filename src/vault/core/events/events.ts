// Audit events: who did what to which object, with personal detail sealed next to the leaf.
import { randomBytes } from 'node:crypto';
import { canonicalBytes } from '../../../bytes/canonical-json.ts';
import { sha256 } from '../../../bytes/digest.ts';
import { newId } from '../../../bytes/ids.ts';
import { sealColumn } from '../../../envelope/column.ts';
import type { SecretKey } from '../../../envelope/secret-key.ts';
import type { Actor, EventOf, NewEvent, Receipt, SealedDetail, Subject } from '../../../model/audit-event.ts';
import {
  type AuditAction,
  type DetailOf,
  eventSpec,
  type LogOf,
  type SubjectOf,
} from '../../../model/log/event-catalogue.ts';
import type { Exactly } from '../../../model/log/event-spec.ts';
import type { Caller } from '../../../model/principal.ts';
import type { Database } from '../../../ports/database.ts';
import type { RequestContext, Settings } from '../request-context.ts';

/** The log of the deployment, for whatever belongs to no tenant. */
export const DEPLOYMENT = 'deployment';

/** A caller as the actor of an event. */
export function actorOf(by: Caller): Actor {
  return { type: by.kind, id: by.principal, auth: by.auth };
}

/** The presented API key or sign-in session, as members of a leaf. */
export function presentedCredential(by: Caller): { readonly api_key?: string; readonly sign_in?: string } {
  if (by.signIn !== undefined) return { sign_in: by.signIn.id };
  return by.apiKey === undefined ? {} : { api_key: by.apiKey };
}

/** The credential that a person presented; none of a service, whose uploads may outlast its key. */
export function personCredential(by: Caller): ReturnType<typeof presentedCredential> {
  return by.kind === 'person' ? presentedCredential(by) : {};
}

/** The vault as the actor: background work of this node. */
export function systemActor(settings: Pick<Settings, 'node'>): Actor {
  return { type: 'system', id: settings.node, auth: 'none' };
}

/** An operator at the command line, by staff code. */
export function operatorActor(code: string): Actor {
  return { type: 'operator', id: code, auth: 'cli' };
}

/**
 * A new event of a log. `what` has the id and the members that the catalogue lists for the action, and the type where the
 * action has several; a missing or additional member does not compile. An action with a required detail needs `withDetail`.
 */
export function event<A extends AuditAction, W extends SubjectOf<A>>(
  log: LogOf<A>,
  actor: Actor,
  action: A,
  what: W & Exactly<W, SubjectOf<A>>,
  request: Pick<RequestContext, 'req'>,
  outcome: NewEvent['outcome'] = 'ok',
): EventOf<A> {
  const { subject } = eventSpec(action);
  const type = typeof subject === 'string' ? { type: subject } : {};
  return {
    log,
    id: newId('evt'),
    actor,
    action,
    outcome,
    object: { ...type, ...what } as unknown as Subject,
    ...(request.req === undefined ? {} : { req: request.req }),
  };
}

/** Writes an event for which no row changes. Returns its receipt. Throws the database's errors. */
export async function writeEvent(
  vault: { readonly db: Database },
  made: NewEvent,
  request: RequestContext,
): Promise<Receipt | undefined> {
  const { receipts } = await vault.db.change(async () => ({ result: undefined, events: [made] }), request);
  return receipts[0];
}

/** The event with personal detail sealed next to the leaf. The leaf carries only SHA-256(salt ‖ canonical detail). */
export function withDetail<A extends AuditAction, D extends DetailOf<A>>(
  made: EventOf<A>,
  metadataKey: SecretKey,
  detail: D & Exactly<D, DetailOf<A>>,
): EventOf<A> & { readonly detail: SealedDetail } {
  const salt = randomBytes(32);
  const bytes = canonicalBytes(detail);
  const sealed = sealColumn(metadataKey, { tenant: made.log, row: made.id, column: 'detail' }, bytes);
  return { ...made, detail: { salt, commitment: sha256(salt, bytes).toString('hex'), sealed } };
}
