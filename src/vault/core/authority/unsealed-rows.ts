// Rows that give access and have no MAC: an older version wrote them, and `authority adopt` was not run since.
import type { AuthorityTable } from '../../../envelope/authority.ts';
import type { RequestContext } from '../request-context.ts';
import type { Vault } from '../vault.ts';
import { statesGivingAccess } from './authority-rows.ts';

type Deps = Pick<Vault, 'db'>;

/** The small tables: each tenant of an older version has rows in them. Grants and sessions may be millions. */
const COUNTED: readonly AuthorityTable[] = ['principal', 'api_key', 'sign_in_link', 'passkey', 'policy'];

/** How many rows of people, credentials and policies give access and have no MAC, by tenant. */
export async function unsealedRows(
  { db }: Deps,
  request: RequestContext,
): Promise<readonly { readonly tenant: string; readonly rows: number }[]> {
  const counts = new Map<string, number>();
  for (const table of COUNTED) {
    const found = await db.read(
      ({ authority }) => authority.countWithoutMac(table, statesGivingAccess(table)),
      request,
    );
    for (const { tenant, rows } of found) counts.set(tenant, (counts.get(tenant) ?? 0) + rows);
  }
  return [...counts].map(([tenant, rows]) => ({ tenant, rows })).sort((a, b) => (a.tenant < b.tenant ? -1 : 1));
}

/** Start-up work: the number of these rows of all tenants. */
export async function countUnsealedRows(vault: Deps, request: RequestContext): Promise<number> {
  return (await unsealedRows(vault, request)).reduce((sum, { rows }) => sum + rows, 0);
}

/** The same as background work: `observe` gets the number after each round. Nothing is changed. */
export function unsealedRowCounter(
  vault: Deps,
  observe: (rows: number) => void,
): (request: RequestContext) => Promise<number> {
  return async (request) => {
    observe(await countUnsealedRows(vault, request));
    return 0;
  };
}
