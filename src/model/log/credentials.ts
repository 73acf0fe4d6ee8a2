// The part of the log's check that follows credentials: API keys, sign-ins, links and passkeys, and who uses them.
import { type At, correctedTo, GRACE_MS } from './at.ts';
import { isUnlocked, MAX_LINK_MS, MAX_SIGN_IN_MS, NAMING, namingOf, SCOPE_OF } from './credential-uses.ts';
import type { DeploymentLog } from './deployment-copies.ts';
import type { AuditAction } from './event-catalogue.ts';
import { listed } from './leaf.ts';
import { linkSignInsOf } from './link-sign-ins.ts';

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
  /** Whether this sign-in may confirm a first passkey; and whether this person signed in by link within the time for a decision. */
  readonly confirmsFirst: (signIn: string, at: At) => boolean;
  readonly isJustLinked: (person: string, now: number) => boolean;
};

/** The members under which events name a credential, by how its actor is authenticated. */
const MEMBER_OF = new Map<string | undefined, 'api_key' | 'sign_in'>([
  ['api-key', 'api_key'],
  ['sign-in', 'sign_in'],
]);

/** `scopes`: of an API key. */
type Held = {
  readonly kind: 'api_key' | 'sign_in';
  readonly holder: string;
  readonly expires: number;
  readonly scopes?: readonly string[];
};

/** `isCopy`: of a tenant's link, in the deployment's log. */
type Link = {
  readonly holder: string;
  readonly expires: number;
  made: number;
  readonly isCopy: boolean;
  used: boolean;
};

/** What people and services do, never a process, nor an operator by command. */
const THEIRS: ReadonlySet<string> = new Set<AuditAction>([
  ...(['access.requested', 'access.approved', 'access.denied', 'access.assigned', 'session.opened'] as const),
  ...(['grant.extended', 'grant.done', 'grant.returned', 'recording.read', 'recording.searched'] as const),
  'certificate.issued',
  ...(['sign_in.opened', 'sign_in.stepped_up', 'passkey.added', 'proof.given'] as const),
  ...(['consent.withdrawn', 'recording.restricted', 'recording.listed'] as const),
]);

/** What people, services and operators do, never a process. */
const CHANGES: ReadonlySet<string> = new Set<AuditAction>([
  // A new tenant's announcement comes by command.
  'notice.added',
  ...(['change.proposed', 'change.signed', 'change.approved', 'change.refused', 'change.withdrawn'] as const),
]);

/**
 * Follows credentials of the log with this name. Each event above names the presented API key or sign-in session, which the
 * log created for the actor and which was not revoked, ended or expired. A log that began before events named credentials
 * has an event `authority.adopted` from which they must; before it, a missing credential is not a finding. From
 * `log.adopted` on, a sign-in names its link or passkey, and `deployment` has a copy of the link; with `rules`, or from
 * the first that does, a person's change of facts names one. Operators have theirs in the deployment's log.
 */
export function credentialsOf(name: string, deployment: DeploymentLog | undefined): Credentials {
  const isDeployment = name.endsWith('/deployment');
  const credentials = new Map<string, Held>();
  /** Ended or revoked, and when. */
  const over = new Map<string, Held & { at: number }>();
  const links = new Map<string, Link>();
  const passkeys = new Map<string, Passkey>();
  const linkSignIns = linkSignInsOf();
  const naming = namingOf();
  let required = false;

  /** Written so that a time that cannot be read is a finding. */
  const isValid = (held: Omit<Held, 'kind'> | undefined, holder: string, now: number): boolean =>
    held !== undefined && held.holder === holder && now <= held.expires + GRACE_MS;

  const passkeysOf = (person: string): readonly Passkey[] =>
    [...passkeys.values()].filter(({ holder }) => holder === person);

  /** The credential of this id as far as an action may use it. */
  const usable = (id: string, action: string, now: number): Held | undefined => {
    const ended = isUnlocked(action) ? over.get(id) : undefined;
    return credentials.get(id) ?? (ended !== undefined && now <= ended.at + GRACE_MS ? ended : undefined);
  };

  const checkNamed = ({ leaf: { action, actor, object }, now, isNew, find }: At): void => {
    const kind = MEMBER_OF.get(actor.auth);
    const named = kind === undefined ? undefined : object[kind];
    if (named === undefined) {
      // `why`: the service did it, after someone was deactivated or a recording erased.
      if (isNew || (required && NAMING.has(action) && object['why'] === undefined)) find('credential');
      return;
    }
    const held = usable(String(named), action, now);
    const scope = SCOPE_OF.get(action);
    const isInScope = !isNew || scope === undefined || held?.scopes?.includes(scope) !== false;
    if (held?.kind !== kind || !isValid(held, actor.id, now) || !isInScope) find('credential');
  };

  const check = (at: At): void => {
    const { leaf, isNew, find } = at;
    const { action, actor } = leaf;
    if (actor.type === 'system' || actor.type === 'operator') {
      if (isNew && (THEIRS.has(action) || (actor.type === 'system' && CHANGES.has(action)))) find('credential');
      else if (actor.type === 'operator' && isDeployment && actor.auth !== 'cli' && NAMING.has(action)) checkNamed(at);
    } else if (naming.is(leaf)) checkNamed(at);
    // A program has no sign-in, and no one is known by nothing.
    else if (isNew && !MEMBER_OF.has(actor.auth)) find('credential');
    else if (isNew && actor.type === 'service' && actor.auth !== 'api-key') find('credential');
  };

  /** The link of a sign-in: made for this person, not used, not expired, and in both logs. */
  const spendLink = ({ leaf: { object, actor }, now, isNew, find, note }: At): void => {
    const id = object['link'];
    if (id === undefined) {
      if (isNew) find('credential');
      return;
    }
    const link = links.get(String(id));
    const isUsable = link !== undefined && !link.used && !link.isCopy && isValid(link, actor.id, now);
    if (link?.holder === actor.id) link.used = true;
    if (!isUsable) find('credential');
    else if (isNew && !isDeployment) {
      const tenant = name.slice(name.lastIndexOf('/') + 1);
      const copy = deployment?.linkCopy({ id: String(id), tenant, principal: actor.id }, link.made) ?? 'unknown';
      if (copy === 'missing') find('credential');
      if (copy === 'unknown') note('link_unchecked');
    }
  };

  const signIn = (at: At): void => {
    const { leaf, isNew, find } = at;
    const { object, actor } = leaf;
    const { id, method, passkey } = object;
    if (credentials.has(id) || over.has(id)) find('repeated');
    const expires = Date.parse(String(object['ends']));
    credentials.set(id, { kind: 'sign_in', holder: actor.id, expires });
    if (isNew && !(expires <= at.now + MAX_SIGN_IN_MS + GRACE_MS)) find('credential');
    if (method === 'link') {
      linkSignIns.open(at);
      spendLink(at);
    } else if (passkey === undefined ? isNew : passkeys.get(String(passkey))?.holder !== actor.id) find('credential');
  };

  const requireOwn = ({ leaf: { object, actor }, find }: At): void => {
    if (passkeys.get(String(object['passkey']))?.holder !== actor.id) find('credential');
  };

  const heldBy = ({ leaf: { object } }: At) => ({
    holder: String(object['principal']),
    expires: Date.parse(String(object['expires'])),
  });

  const createKey = (at: At): void => {
    const { id } = at.leaf.object;
    if (credentials.has(id) || over.has(id)) at.find('repeated');
    credentials.set(id, { kind: 'api_key', ...heldBy(at), scopes: listed(at.leaf.object['scopes']) });
  };

  const makeLink = (at: At): void => {
    const { id, tenant } = at.leaf.object;
    const held = heldBy(at);
    if (links.has(id)) at.find('repeated');
    if (at.isNew && !(held.expires <= at.now + MAX_LINK_MS + GRACE_MS)) at.find('credential');
    links.set(id, { ...held, made: at.now, isCopy: isDeployment && tenant !== undefined, used: false });
  };

  const addPasskey = ({ leaf: { object, actor }, find }: At): void => {
    const holder = String(object['principal']);
    if (holder !== actor.id) find('credential');
    if (passkeys.has(object.id)) find('repeated');
    passkeys.set(object.id, { holder, key: object['key'] === undefined ? null : String(object['key']) });
  };

  /** By its owner; by an operator with a new link or a restore, which withdraw what is open: links made before, sign-ins. */
  const removePasskey = ({ leaf: { object, actor }, now, isNew, find }: At): void => {
    const holder = passkeys.get(object.id)?.holder;
    const owner = String(object['principal']);
    passkeys.delete(object.id);
    if (isNew && ((holder ?? owner) !== owner || (actor.id !== owner && actor.type !== 'operator'))) find('credential');
    if (holder === undefined || holder === actor.id) return;
    linkSignIns.spend(holder);
    for (const link of links.values()) if (link.holder === holder && link.made < now) link.used = true;
  };

  const end = ({ leaf: { object }, now }: At): void => {
    const held = credentials.get(object.id);
    if (held !== undefined) over.set(object.id, { ...held, at: now });
    credentials.delete(object.id);
    linkSignIns.end(object.id);
  };

  const require = ({ leaf: { action, object } }: At): void => {
    if (action === 'authority.adopted' || object['authority'] === 1) required = true;
  };

  const correct = (at: At): void => {
    const to = correctedTo(at);
    if (to === null) return;
    for (const one of over.values()) one.at = Math.min(one.at, to);
    for (const link of links.values()) link.made = Math.min(link.made, to);
    linkSignIns.correct(to);
  };

  const learn = new Map<string, (at: At) => void>([
    ['clock.corrected', correct],
    ['api_key.created', createKey],
    ['sign_in.link_made', makeLink],
    ['sign_in.opened', signIn],
    ['sign_in.stepped_up', requireOwn],
    ['api_key.revoked', end],
    ['sign_in.ended', end],
    ['passkey.added', addPasskey],
    ['passkey.removed', removePasskey],
    ['authority.adopted', require],
    ['log.adopted', ({ leaf }) => naming.adopt(leaf.object['rules'])],
    ['tenant.created', require],
    ['tenant.rebuilt', require],
  ]);

  return {
    check,
    learn: (at) => learn.get(at.leaf.action)?.(at),
    passkey: (id) => passkeys.get(id) ?? null,
    hasPasskey: (person) => passkeysOf(person).length > 0,
    keysOf: (person) => passkeysOf(person).flatMap(({ key }) => key ?? []),
    isOwnSignIn: (id, person, now) =>
      credentials.get(id)?.kind === 'sign_in' && isValid(credentials.get(id), person, now),
    confirmsFirst: linkSignIns.confirms,
    isJustLinked: linkSignIns.isJust,
  };
}
