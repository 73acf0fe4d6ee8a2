// The part of the log's check that follows credentials: who asked, decided, revoked or listened, and by what.
import type { Leaf } from './leaf.ts';

/** A credential as the log knows it. */
type Credential = { readonly holder: string; readonly expires: string; over: boolean };

/** What a log said of credentials so far. Fed every event in order; `find` is told what cannot be. */
export type CredentialCheck = (leaf: Leaf, find: (what: string) => void) => void;

/** What is done with a credential that the event names. */
const NAMING: ReadonlySet<string> = new Set([
  ...['access.requested', 'access.approved', 'access.denied', 'access.cancelled'],
  ...['grant.revoked', 'session.opened'],
]);

/** A transaction that began before the credential's end is written after it. */
const GRACE_MS = 60_000;

/**
 * A check that each of these events names the API key or the sign-in session that was presented, that the log created it
 * for the person who acts, and that it had not been revoked, ended or expired. A log that began before events named
 * credentials says `authority.adopted` where they begin to: until then one that is missing is no finding.
 */
export function credentialCheck(): CredentialCheck {
  const credentials = new Map<string, Credential>();
  let required = false;

  const present = (leaf: Leaf, find: (what: string) => void): void => {
    const { actor, object } = leaf;
    const named = object['api_key'] ?? object['sign_in'];
    if (named === undefined) {
      const personal = actor.auth === 'api-key' || actor.auth === 'sign-in';
      if (required && personal) find(`${object.id}: ${leaf.action} does not name the credential`);
      return;
    }
    const credential = credentials.get(String(named));
    const what = `${object.id}: ${leaf.action} by ${named}`;
    if (credential === undefined) find(`${what}, which was never created`);
    else if (credential.holder !== actor.id) find(`${what}, which is somebody else’s`);
    else if (credential.over) find(`${what}, which was revoked or ended before`);
    else if (Date.parse(leaf.ts) > Date.parse(credential.expires) + GRACE_MS) find(`${what}, which had expired`);
  };

  return (leaf, find) => {
    const { action, object, actor } = leaf;
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
