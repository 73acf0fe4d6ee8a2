// One-time links: created by an operator's command, shown once, opened once.
import { newId } from '../../bytes/ids.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { hasCode, VaultError } from '../../errors.ts';
import type { Actor, NewEvent } from '../../model/audit-event.ts';
import { addMilliseconds, type SignInLink } from '../../model/sign-in.ts';
import type { Change, Rows, Transaction } from '../../ports/database.ts';
import { authorityKey } from '../core/authority/authority-key.ts';
import { withMac } from '../core/authority/authority-rows.ts';
import { refuseForged } from '../core/authority/credential-rows.ts';
import { insertLogged, requireAuthenticRow, requireAuthenticStored } from '../core/authority/logged-rows.ts';
import { DEPLOYMENT, event } from '../core/events/events.ts';
import type { Marks } from '../core/permit.ts';
import { countRefusedSignIn } from '../core/proofs/refused-sign-in.ts';
import type { RequestContext } from '../core/request-context.ts';
import { endSignIns } from '../core/sessions/end-sign-ins.ts';
import type { Vault } from '../core/vault.ts';
import { beginSignIn, type NewSignIn } from './begin.ts';
import { isSecretOf, newSecret, parseSecretId } from './secret.ts';

/**
 * The person that a link signs in, and its lifetime. `replacePasskeys`: removes the person's passkeys, which they have
 * lost.
 */
export type LinkInput = {
  readonly tenant: string;
  readonly principal: string;
  readonly minutes: number;
  readonly replacePasskeys: boolean;
};

const MOST_MINUTES = 1440;

/**
 * Creates a link and withdraws earlier unused ones. The event is in the tenant's log and the deployment's. Throws
 * `not_found`, `conflict` where the person has a passkey, `malformed`.
 */
export async function createLink(
  vault: Pick<Vault, 'db' | 'sessionKeys' | 'metadataKeys'>,
  by: Actor,
  what: LinkInput,
  request: RequestContext,
): Promise<NewLink> {
  requireMinutes(what.minutes);
  const { tenant, principal } = what;
  const rowKey = await authorityKey(vault, tenant, request);
  const { result } = await vault.db.change(async (tx) => {
    await tx.principals.lock(tenant, principal);
    return insertLink(tx, rowKey, what, { id: newId('lnk'), by, marks: {}, request });
  }, request);
  for (const session of result.sessions) vault.sessionKeys.end(session);
  return result.link;
}

/** A link as its creator gets it: only this has the secret. */
export type NewLink = { readonly id: string; readonly secret: string; readonly expires: string };

/** The new link's id, who creates it, and what its event says of the second person. */
type LinkMaking = {
  readonly id: string;
  readonly by: Actor;
  readonly marks: Marks;
  readonly request: RequestContext;
};

/** Throws `malformed`. */
export function requireMinutes(minutes: number): void {
  if (!Number.isInteger(minutes) || minutes < 1 || minutes > MOST_MINUTES)
    throw new VaultError('malformed', `a link lasts 1 to ${MOST_MINUTES} minutes`);
}

/** Throws `not_found`, or `conflict` where the person has a passkey that the link does not replace. */
export async function requireLinkable(
  rows: Rows,
  rowKey: SecretKey | null,
  { tenant, principal, replacePasskeys }: Omit<LinkInput, 'minutes'>,
): Promise<void> {
  const person = await rows.principals.find(tenant, principal);
  if (person?.state !== 'ACTIVE' || person.kind !== 'person')
    throw new VaultError('not_found', 'there is no such active person');
  await requireAuthenticRow(rows, rowKey, 'principal', person);
  if (!replacePasskeys && (await rows.signIns.passkeys(tenant, principal)).length > 0)
    throw new VaultError('conflict', 'this person signs in by passkey; --replace-passkeys removes lost ones');
}

/**
 * Creates a link in a transaction that has locked its person. `sessions` are the listening sessions that ended with the
 * passkeys. Throws as `requireLinkable`.
 */
export async function insertLink(
  tx: Transaction,
  rowKey: SecretKey | null,
  what: LinkInput,
  { id, by, marks, request }: LinkMaking,
): Promise<Change<{ readonly link: NewLink; readonly sessions: readonly string[] }>> {
  const { tenant, principal, minutes, replacePasskeys } = what;
  await requireLinkable(tx, rowKey, what);
  const { events, sessions } = replacePasskeys
    ? await removeAll(tx, by, tenant, principal, request)
    : { events: [] as NewEvent[], sessions: [] as string[] };
  for (const open of await tx.signIns.openLinks(tenant, principal)) {
    await tx.signIns.changeLink(open, { state: 'WITHDRAWN', mac: null });
  }
  const { secret, hash } = newSecret('cvl', id);
  const created = await tx.now();
  const expires = addMilliseconds(created, minutes * 60_000);
  const link = { tenant, id, principal, hash, state: 'OPEN', version: 1, created, expires } as const;
  const inserted = await insertLogged(tenant, (leafIndex) =>
    tx.signIns.insertLink(withMac(rowKey, 'sign_in_link', { ...link, leafIndex })),
  );
  const digest = tenant === DEPLOYMENT ? { sha256: hash.toString('hex') } : {};
  const made = event(tenant, by, 'sign_in.link_made', { id, principal, expires, ...digest, ...marks }, request);
  // A change is in the log of its tenant alone.
  const copy = event(DEPLOYMENT, by, 'sign_in.link_made', { id, principal, expires, tenant }, request);
  const linkEvents = tenant === DEPLOYMENT ? [made] : [made, copy];
  return { result: { link: { id, secret, expires }, sessions }, events: [...linkEvents, ...events], ...inserted };
}

type OpenLinkDeps = Pick<Vault, 'db' | 'clock' | 'settings' | 'metadataKeys'>;

/** The URL of a link; the secret is in the fragment, which browsers do not send. */
export function linkAt(url: string, secret: string): string {
  return `${url}/sign-in#${secret}`;
}

/**
 * Opens a link: it signs one browser in, once. Throws `sign_in_refused`, the same for a wrong, used and expired one.
 */
export async function openLink(vault: OpenLinkDeps, secret: string, request: RequestContext): Promise<NewSignIn> {
  const refused = new VaultError('sign_in_refused', 'this link was used, has expired, or is not valid');
  const id = parseSecretId('cvl', secret);
  const link = await vault.db.read((rows) => rows.signIns.link(id ?? ''), request);
  if (!isSecretOf(secret, link?.hash) || link === null) throw refused;
  const rowKey = await authorityKey(vault, link.tenant, request);
  await refuseForged(
    vault,
    () => requireAuthenticStored(vault, rowKey, 'sign_in_link', link, request),
    () => refused,
    request,
  );
  try {
    const work = openOnce(vault, link, rowKey, refused, request);
    // The person's row may be forged where the link's is authentic.
    await refuseForged(
      vault,
      () => work,
      () => refused,
      request,
    );
    return await work;
  } catch (error) {
    if (!hasCode(error, 'sign_in_refused')) throw error;
    // A correct secret for a dead link may be stolen: the log shows the attempt.
    await countRefusedSignIn(vault, 'link', link, request);
    throw refused;
  }
}

async function openOnce(
  vault: OpenLinkDeps,
  link: SignInLink,
  rowKey: SecretKey | null,
  refused: VaultError,
  request: RequestContext,
): Promise<NewSignIn> {
  if (link.state !== 'OPEN') throw refused;
  const { result } = await vault.db.change(async (tx) => {
    const person = await tx.principals.lock(link.tenant, link.principal);
    const now = await tx.now();
    const open = await tx.signIns.link(link.id);
    if (open?.state !== 'OPEN' || open.expires <= now) throw refused;
    await requireAuthenticRow(tx, rowKey, 'sign_in_link', open);
    if (!(await tx.signIns.changeLink(open, { state: 'USED', mac: null }))) throw refused;
    // A link must not bypass a passkey added since.
    if ((await tx.signIns.passkeys(link.tenant, link.principal)).length > 0) throw refused;
    return beginSignIn(tx, person, 'link', { link: link.id }, rowKey, request);
  }, request);
  return result;
}

async function removeAll(tx: Transaction, by: Actor, tenant: string, principal: string, request: RequestContext) {
  const live = await tx.signIns.liveOf(tenant, principal);
  const { events, sessions } = await endSignIns(tx, by, live, 'replaced', request);
  const removed: NewEvent[] = [];
  for (const passkey of await tx.signIns.passkeys(tenant, principal)) {
    await tx.signIns.changePasskey(passkey, { state: 'REMOVED', mac: null });
    removed.push(event(tenant, by, 'passkey.removed', { id: passkey.id, principal }, request));
  }
  return { events: [...events, ...removed], sessions };
}
