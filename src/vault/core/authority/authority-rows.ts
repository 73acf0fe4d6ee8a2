// Rows that give access: sealed where they are written, checked where they are used.
import { type AuthorityRow, type AuthorityTable, authorityMac, isRowAuthentic } from '../../../envelope/authority.ts';
import type { SecretKey } from '../../../envelope/secret-key.ts';
import { VaultError } from '../../../errors.ts';
import type { AccessRequest, Decision, Grant, Session } from '../../../model/access.ts';
import type { PolicyRow } from '../../../model/policy.ts';
import type { ApiKey, Principal } from '../../../model/principal.ts';
import type { Passkey, SignIn, SignInLink } from '../../../model/sign-in.ts';
import type { AuthorityChange } from '../../../ports/rows/versioned.ts';
import { DEPLOYMENT } from '../events/events.ts';

/** The rows of each table. */
export type AuthorityRowByTable = {
  readonly principal: Principal;
  readonly api_key: ApiKey;
  readonly sign_in: SignIn;
  readonly sign_in_link: SignInLink;
  readonly passkey: Passkey;
  readonly policy: PolicyRow;
  readonly access_request: AccessRequest;
  readonly decision: Decision;
  readonly access_grant: Grant;
  readonly session: Session;
};

/** The states in which a row gives something. Rows of the other tables always do. */
const STATES_GIVING_ACCESS: { readonly [table in AuthorityTable]?: readonly string[] } = {
  principal: ['ACTIVE'],
  api_key: ['ACTIVE'],
  sign_in: ['LIVE'],
  sign_in_link: ['OPEN'],
  passkey: ['ACTIVE'],
  access_request: ['REQUESTED'],
  access_grant: ['APPROVED', 'CONSUMED'],
  session: ['LIVE'],
};

/** Whether a row gives anything in the state it is in. */
export function givesAccess(table: AuthorityTable, row: AuthorityRow): boolean {
  return STATES_GIVING_ACCESS[table]?.includes(String(row['state'])) ?? true;
}

/** The row with its MAC. `key` is the tenant's metadata key; null for the deployment, which has none. */
export function withMac<Table extends AuthorityTable>(
  key: SecretKey | null,
  table: Table,
  row: Omit<AuthorityRowByTable[Table], 'mac'>,
): AuthorityRowByTable[Table] {
  // TypeScript does not see that a row without `mac` and `mac` are a row.
  return { ...row, mac: key === null ? null : authorityMac(key, table, row) } as unknown as AuthorityRowByTable[Table];
}

type Stateful = Exclude<AuthorityTable, 'policy' | 'decision'>;

/**
 * What a change sets in a row that goes on giving access, with the MAC of the row it becomes. Throws `integrity` where the
 * row is not authentic as it is: a change must not vouch for a forgery.
 */
export function changeWithMac<Table extends Stateful, To extends Partial<Omit<AuthorityRowByTable[Table], 'mac'>>>(
  key: SecretKey | null,
  table: Table,
  from: AuthorityRowByTable[Table],
  to: To,
): To & Pick<AuthorityChange<AuthorityRowByTable[Table]>, 'mac'> {
  // A row that ended never gives access again, and nothing authenticates what it says.
  if (!givesAccess(table, from)) throw new VaultError('conflict', 'the row no longer gives access');
  requireAuthentic(key, table, from);
  const becomes = { ...from, ...to, version: from.version + 1 };
  return { ...to, mac: key === null ? null : authorityMac(key, table, becomes) };
}

/**
 * Throws `integrity`, naming the row, where it gives access and does not carry its MAC. `key` is the metadata key of the
 * row's tenant; null for the deployment alone.
 */
export function requireAuthentic<Table extends AuthorityTable>(
  key: SecretKey | null,
  table: Table,
  row: AuthorityRowByTable[Table],
): void {
  if (!givesAccess(table, row)) return;
  if (key === null ? row.tenant === DEPLOYMENT : isRowAuthentic(key, table, row)) return;
  const id = 'id' in row ? row.id : row.request;
  throw new VaultError('integrity', 'a row that gives access is not authentic', {
    forged: { tenant: row.tenant, table, id },
  });
}
