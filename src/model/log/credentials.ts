// The credential part of the log check: who requested, decided, assigned, revoked, listened or finished, and with which credential.
import type { AuditAction } from './event-catalogue.ts';
import type { Find } from './finding.ts';
import type { Leaf } from './leaf.ts';

/** A credential as the log knows it. */
type Credential = { readonly holder: string; readonly expires: string; over: boolean };

/** What is done with a credential that the event names. */
const NAMING: ReadonlySet<string> = new Set<AuditAction>([
  ...(['access.requested', 'access.approved', 'access.denied', 'access.cancelled'] as const),
  ...(['access.assigned', 'grant.revoked', 'grant.extended', 'session.opened'] as const),
  ...(['grant.done', 'grant.returned', 'batch.withdrawn'] as const),
]);

/** Tolerance: a transaction that began before the credential's end may be written after it. */
const GRACE_MS = 60_000;

/**
 * Creates a check that each of these events names the presented API key or sign-in session, that the log created it for
 * the actor, and that it was not revoked, ended or expired. A log that began before events named credentials has an
 * event `authority.adopted` from which they must; before it, a missing credential is not a finding.
 */
export function credentialCheck(): (leaf: Leaf, find: Find) => void {
  const credentials = new Map<string, Credential>();
  let required = false;

  const present = ({ actor, object, ts }: Leaf, find: Find): void => {
    const named = object['api_key'] ?? object['sign_in'];
    if (named === undefined) {
      const personal = actor.auth === 'api-key' || actor.auth === 'sign-in';
      if (required && personal) find('credential_missing');
      return;
    }
    const credential = credentials.get(String(named));
    if (credential === undefined) find('credential_unknown');
    else if (credential.holder !== actor.id) find('credential_person');
    else if (credential.over) find('credential_ended');
    // Written so that an unreadable time is a finding.
    else if (!(Date.parse(ts) <= Date.parse(credential.expires) + GRACE_MS)) find('credential_expired');
  };

  return (leaf, find) => {
    const { object, actor } = leaf;
    const action = leaf.action as AuditAction;
    if (action === 'api_key.created') {
      const [holder, expires] = [String(object['principal']), String(object['expires'])];
      credentials.set(object.id, { holder, expires, over: false });
    } else if (action === 'sign_in.opened') {
      credentials.set(object.id, { holder: actor.id, expires: String(object['ends']), over: false });
    } else if (action === 'api_key.revoked' || action === 'sign_in.ended') {
      const credential = credentials.get(object.id);
      if (credential !== undefined) credential.over = true;
    } else if (action === 'authority.adopted' || object['authority'] === 1) {
      required = true;
    } else if (NAMING.has(action)) present(leaf, find);
  };
}
