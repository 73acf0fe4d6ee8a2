// The people and services of a tenant with their roles, and how they sign in, for callers who may sign them out.
import { may } from '../../model/permissions.ts';
import type { Caller, Principal } from '../../model/principal.ts';
import { isSignInLive } from '../../model/sign-in.ts';
import type { Rows } from '../../ports/database.ts';
import { countEvent } from '../core/events/count-events.ts';
import { actorOf, DEPLOYMENT } from '../core/events/events.ts';
import { openName, tryOpenName } from '../core/personal/names.ts';
import type { RequestContext } from '../core/request-context.ts';
import { metadataKeyIfAvailable } from '../core/tenants/metadata-key-if-available.ts';
import type { Vault } from '../core/vault.ts';

/** How a person signs in: passkeys, live sign-ins, when last seen, and when an unused link expires. */
export type SignInSummary = {
  readonly passkeys: number;
  readonly signIns: number;
  readonly lastSeen: string | null;
  readonly linkUntil: string | null;
};

/**
 * A principal with its name, null where that cannot be opened now, and its `SignInSummary` where the caller may see it.
 */
export type PersonView = {
  readonly principal: Principal;
  readonly name: string | null;
  readonly signingIn: SignInSummary | null;
};

/** People and services of the caller's tenant, or people of the deployment, oldest first, after the one with id `after`. */
export async function listPeople(
  vault: Pick<Vault, 'db' | 'clock' | 'metadataKeys'>,
  by: Caller,
  after: string,
  limit: number,
  request: RequestContext,
): Promise<PersonView[]> {
  const object = { id: by.tenant };
  await countEvent(vault, { tenant: by.tenant, actor: actorOf(by), action: 'people.read', object }, request);
  const nameOf = await namesOf(vault, by.tenant, request);
  const { found, signing } = await vault.db.read(async (rows) => {
    const principals = await rows.principals.page(by.tenant, after, limit);
    return {
      found: principals,
      signing: may(by, 'people.sign-out') ? await signInSummaries(rows, by.tenant, principals) : null,
    };
  }, request);
  return found.map((principal) => ({
    principal,
    name: nameOf(principal),
    signingIn: signing?.(principal.id) ?? null,
  }));
}

/** How names are read: sealed ones with the tenant's key, null without it; staff codes of the deployment in clear. */
async function namesOf(
  vault: Pick<Vault, 'db' | 'metadataKeys'>,
  tenant: string,
  request: RequestContext,
): Promise<(one: Principal) => string | null> {
  if (tenant === DEPLOYMENT) return (one) => openName(null, one);
  const key = await metadataKeyIfAvailable(vault, tenant, request);
  return (one) => (key === null ? null : tryOpenName(key, one));
}

async function signInSummaries(
  rows: Rows,
  tenant: string,
  principals: readonly Principal[],
): Promise<(id: string) => SignInSummary> {
  const now = await rows.now();
  const passkeys = await rows.signIns.passkeys(tenant, null);
  const live = (await rows.signIns.liveIn(tenant)).filter((signIn) => isSignInLive(signIn, now));
  const links = (await rows.signIns.openLinks(tenant, null)).filter(({ expires }) => expires > now);
  const people = principals.map(({ id }) => id);
  const seen = new Map((await rows.signIns.lastSeen(tenant, people)).map((row) => [row.principal, row.seen]));
  const of = (list: readonly { readonly principal: string }[], id: string): number =>
    list.filter(({ principal }) => principal === id).length;
  return (id) => ({
    passkeys: of(passkeys, id),
    signIns: of(live, id),
    lastSeen: seen.get(id) ?? null,
    linkUntil: links.find(({ principal }) => principal === id)?.expires ?? null,
  });
}
