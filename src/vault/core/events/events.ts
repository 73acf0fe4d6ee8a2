// Making events: who did what to which thing, and personal detail sealed beside it.
import { randomBytes } from 'node:crypto';
import { canonicalBytes } from '../../../bytes/canonical-json.ts';
import { sha256 } from '../../../bytes/digest.ts';
import { newId } from '../../../bytes/ids.ts';
import { sealColumn } from '../../../envelope/column.ts';
import type { SecretKey } from '../../../envelope/secret-key.ts';
import type { Actor, AuditAction, NewEvent, Receipt, Subject } from '../../../model/audit-event.ts';
import type { Caller } from '../../../model/principal.ts';
import type { Database } from '../../../ports/database.ts';
import type { RequestContext, Settings } from '../request-context.ts';

/** The log of what belongs to no tenant. */
export const DEPLOYMENT = 'deployment';

/** A caller as the actor of an event. */
export function actorOf(by: Caller): Actor {
  return { type: by.kind, id: by.principal, auth: by.auth };
}

/** Which API key or sign-in session was presented, as a leaf says it. */
export function presentedCredential(by: Caller): { readonly api_key?: string; readonly sign_in?: string } {
  if (by.signIn !== undefined) return { sign_in: by.signIn.id };
  return by.apiKey === undefined ? {} : { api_key: by.apiKey };
}

/** The vault itself as the actor: background work of this node. */
export function systemActor(settings: Pick<Settings, 'node'>): Actor {
  return { type: 'system', id: settings.node, auth: 'none' };
}

/** An operator at the command line, by staff code. */
export function operatorActor(code: string): Actor {
  return { type: 'operator', id: code, auth: 'cli' };
}

/** An event of a log. */
export function event(
  log: string,
  actor: Actor,
  action: AuditAction,
  object: Subject,
  request: Pick<RequestContext, 'req'>,
  outcome: NewEvent['outcome'] = 'ok',
): NewEvent {
  return {
    log,
    id: newId('evt'),
    actor,
    action,
    outcome,
    object,
    ...(request.req === undefined ? {} : { req: request.req }),
  };
}

/** Writes an event that nothing else changes with. Returns its receipt. Throws the database's errors. */
export async function writeEvent(
  vault: { readonly db: Database },
  made: NewEvent,
  request: RequestContext,
): Promise<Receipt | undefined> {
  const { receipts } = await vault.db.change(async () => ({ result: undefined, events: [made] }), request);
  return receipts[0];
}

/** The event with personal detail: sealed beside the leaf, which carries SHA-256(salt ‖ canonical detail) alone. */
export function withDetail(made: NewEvent, metadataKey: SecretKey, detail: object): NewEvent {
  const salt = randomBytes(32);
  const bytes = canonicalBytes(detail);
  const sealed = sealColumn(metadataKey, { tenant: made.log, row: made.id, column: 'detail' }, bytes);
  return { ...made, detail: { salt, commitment: sha256(salt, bytes).toString('hex'), sealed } };
}
