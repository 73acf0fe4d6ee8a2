// Reading grants: the caller's own, or for approvers all of the tenant's.
import { VaultError } from '../../errors.ts';
import { may } from '../../model/permissions.ts';
import type { Caller } from '../../model/principal.ts';
import { requireAuthentic } from '../core/authority/authority-rows.ts';
import type { RequestContext } from '../core/request-context.ts';
import { hasQueueOf, readScope } from '../core/scope/read-scope.ts';
import type { Vault } from '../core/vault.ts';
import { recordAccessRead } from './record-access-read.ts';
import { type GrantView, grantViews } from './views.ts';

type Deps = Pick<Vault, 'db' | 'clock' | 'metadataKeys'>;

/** One grant: the caller's own, or for approvers any of the tenant's. Throws `not_found`. */
export async function readGrant(vault: Deps, by: Caller, id: string, request: RequestContext): Promise<GrantView> {
  const { metadataKey } = await recordAccessRead(vault, by, request);
  return vault.db.read(async (rows) => {
    const grant = await rows.access.grant(by.tenant, id);
    const own = grant?.person === by.principal;
    const inScope = own || grant === null ? 'all' : await readScope(rows, metadataKey, by);
    const theirs =
      grant !== null &&
      (own || may(by, 'access.decide')) &&
      (await hasQueueOf(rows, inScope, by.tenant, grant.recording));
    if (grant !== null) requireAuthentic(metadataKey, 'access_grant', grant);
    const [view] = theirs ? await grantViews(rows, metadataKey, by.tenant, [grant]) : [];
    if (view === undefined) throw new VaultError('not_found', 'there is no such grant');
    return view;
  }, request);
}

/** Filters of a list of grants. `queued`: only assigned calls before their first listen, or only others. */
export type GrantListOptions = {
  readonly mine: boolean;
  readonly live: boolean;
  readonly queued?: boolean;
  readonly recording?: string;
};

/** The caller's grants, newest first; with `mine` false and for approvers, all of the tenant's. */
export async function listGrants(
  vault: Deps,
  by: Caller,
  { mine, live, ...more }: GrantListOptions,
  before: string | null,
  limit: number,
  request: RequestContext,
): Promise<GrantView[]> {
  const { metadataKey } = await recordAccessRead(vault, by, request);
  const own = mine || !may(by, 'access.decide');
  return vault.db.read(async (rows) => {
    const scope = own ? 'all' : await readScope(rows, metadataKey, by);
    const filter = {
      ...more,
      ...(scope === 'all' ? {} : { scope }),
      ...(own ? { person: by.principal } : {}),
      ...(live ? { liveAt: await rows.now() } : {}),
    };
    const found = await rows.access.grants(by.tenant, filter, before, limit);
    for (const grant of found) requireAuthentic(metadataKey, 'access_grant', grant);
    return grantViews(rows, metadataKey, by.tenant, found);
  }, request);
}
