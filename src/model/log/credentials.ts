// The part of the log's check that follows credentials: API keys, sign-ins, links and passkeys, and who uses them.
import { type At, GRACE_MS, MINUTE_MS } from './at.ts';
import type { AuditAction } from './event-catalogue.ts';

/** A passkey. `key` is null of one from before events had keys, until its first proof shows it. */
export type Passkey = { readonly holder: string; key: string | null };

export type Credentials = {
  /** Checks the credential that an event names, and learns from the event. */
  readonly check: (at: At) => void;
  readonly learn: (at: At) => void;
  readonly passkey: (id: string) => Passkey | null;
  readonly hasPasskey: (person: string) => boolean;
  /** The keys of a person's passkeys, in base64. */
  readonly keysOf: (person: string) => readonly string[];
  /** Whether this is a sign-in session of the person, and valid. */
  readonly isOwnSignIn: (signIn: string, person: string, now: number) => boolean;
  /** Whether this sign-in was by link; and whether this person signed in by link within the time for a decision. */
  readonly isByLink: (signIn: string) => boolean;
  readonly isJustLinked: (person: string, now: number) => boolean;
};

type Held = { readonly holder: string; readonly expires: number };

/** What is done with a credential that the event names. */
const NAMING: ReadonlySet<string> = new Set<AuditAction | 'change.signed'>([
  ...(['access.requested', 'access.approved', 'access.denied', 'access.cancelled'] as const),
  ...(['access.assigned', 'grant.revoked', 'grant.extended', 'session.opened'] as const),
  ...(['grant.done', 'grant.returned', 'batch.withdrawn'] as const),
  ...(['change.proposed', 'change.signed', 'change.approved', 'change.refused', 'change.withdrawn'] as const),
]);

/** After a sign-in by link, a first person without a passkey decides this long. */
const LINK_MS = 5 * MINUTE_MS;

/**
 * Follows credentials. Each event above names the presented API key or sign-in session, which the log created for the
 * actor and which was not revoked, ended or expired. A log that began before events named credentials has an event
 * `authority.adopted` from which they must; before it, a missing credential is not a finding. `isDeployment`: operators
 * have their credentials in this log.
 */
export function credentialsOf(isDeployment: boolean): Credentials {
  const credentials = new Map<string, Held>();
  const links = new Map<string, Held>();
  const passkeys = new Map<string, Passkey>();
  const byLink = new Set<string>();
  const linkedAt = new Map<string, number>();
  let required = false;

  /** Written so that a time that cannot be read is a finding. */
  const isValid = (held: Held | undefined, holder: string, now: number): boolean =>
    held !== undefined && held.holder === holder && now <= held.expires + GRACE_MS;

  const passkeysOf = (person: string): readonly Passkey[] =>
    [...passkeys.values()].filter(({ holder }) => holder === person);

  const check = ({ leaf, now, isNew, find }: At): void => {
    const { action, actor, object } = leaf;
    if (!NAMING.has(action) || actor.type === 'system') return;
    if (actor.type === 'operator' && !isDeployment) return;
    const named = object['api_key'] ?? object['sign_in'];
    if (named === undefined) {
      const isPersonal = actor.auth === 'api-key' || actor.auth === 'sign-in';
      // `why`: the service did it, after someone was deactivated or a recording erased.
      if ((required || isNew) && isPersonal && object['why'] === undefined) find('credential');
    } else if (!isValid(credentials.get(String(named)), actor.id, now)) find('credential');
  };

  const signIn = ({ leaf: { object, actor }, now, find }: At): void => {
    const { id, method, link, passkey } = object;
    credentials.set(id, { holder: actor.id, expires: Date.parse(String(object['ends'])) });
    if (method === 'link') {
      byLink.add(id);
      linkedAt.set(actor.id, now);
      if (link === undefined) return;
      if (!isValid(links.get(String(link)), actor.id, now)) find('credential');
      links.delete(String(link));
    } else if (passkey !== undefined && passkeys.get(String(passkey))?.holder !== actor.id) find('credential');
  };

  const requireOwn = ({ leaf: { object, actor }, find }: At): void => {
    if (passkeys.get(String(object['passkey']))?.holder !== actor.id) find('credential');
  };

  const heldBy = ({ leaf: { object } }: At): Held => ({
    holder: String(object['principal']),
    expires: Date.parse(String(object['expires'])),
  });

  const createKey = (at: At): void => {
    const { id } = at.leaf.object;
    if (credentials.has(id)) at.find('repeated');
    credentials.set(id, heldBy(at));
  };

  const addPasskey = ({ leaf: { object, actor }, find }: At): void => {
    const holder = String(object['principal']);
    if (holder !== actor.id) find('credential');
    if (passkeys.has(object.id)) find('repeated');
    passkeys.set(object.id, { holder, key: object['key'] === undefined ? null : String(object['key']) });
  };

  const end = ({ leaf: { object } }: At): void => {
    credentials.delete(object.id);
    byLink.delete(object.id);
  };

  const require = ({ leaf: { action, object } }: At): void => {
    if (action === 'authority.adopted' || object['authority'] === 1) required = true;
  };

  const learn = new Map<string, (at: At) => void>([
    ['api_key.created', createKey],
    ['sign_in.link_made', (at) => void links.set(at.leaf.object.id, heldBy(at))],
    ['sign_in.opened', signIn],
    ['sign_in.stepped_up', requireOwn],
    ['api_key.revoked', end],
    ['sign_in.ended', end],
    ['passkey.added', addPasskey],
    ['passkey.removed', ({ leaf }) => void passkeys.delete(leaf.object.id)],
    ['authority.adopted', require],
    ['tenant.created', require],
    ['tenant.rebuilt', require],
  ]);

  return {
    check,
    learn: (at) => learn.get(at.leaf.action)?.(at),
    passkey: (id) => passkeys.get(id) ?? null,
    hasPasskey: (person) => passkeysOf(person).length > 0,
    keysOf: (person) => passkeysOf(person).flatMap(({ key }) => key ?? []),
    isOwnSignIn: (id, person, now) => id.startsWith('sgn_') && isValid(credentials.get(id), person, now),
    isByLink: (id) => byLink.has(id),
    isJustLinked: (person, now) => now - (linkedAt.get(person) ?? Number.NEGATIVE_INFINITY) <= LINK_MS + GRACE_MS,
  };
}
