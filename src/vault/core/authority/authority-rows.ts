// MACs of rows that give access: added on write, checked on use.
import { type AuthorityRow, type AuthorityTable, authorityMac, isRowAuthentic } from '../../../envelope/authority.ts';
import type { SecretKey } from '../../../envelope/secret-key.ts';
import { VaultError } from '../../../errors.ts';
import type { AccessRequest, Decision, Grant, Session } from '../../../model/access.ts';
import type { Batch } from '../../../model/batch.ts';
import type { Change } from '../../../model/change/change.ts';
import type { PolicyRow } from '../../../model/policy.ts';
import type { ApiKey, Principal } from '../../../model/principal.ts';
import type { RetentionRow } from '../../../model/retention/rows.ts';
import type { Passkey, SignIn, SignInLink } from '../../../model/sign-in.ts';
import type { Team, TeamMember, TeamQueue } from '../../../model/team/team.ts';
import type { AuthorityChange } from '../../../ports/rows/versioned.ts';
import { DEPLOYMENT } from '../events/events.ts';

/** The row type of each table. */
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
  readonly change: Change;
  readonly team: Team;
  readonly team_member: TeamMember;
  readonly team_queue: TeamQueue;
  readonly batch: Batch;
  readonly retention: RetentionRow;
};

/**
 * The states in which a row gives access, or can lead to it. A request leads to a grant while it is open; once it is
 * APPROVED, its grant gives the access. A change leads to what it proposes until that is done or it ends. Rows of the other tables always give access.
 */
const STATES_GIVING_ACCESS: { readonly [table in AuthorityTable]?: readonly string[] } = {
  principal: ['ACTIVE'],
  api_key: ['ACTIVE'],
  sign_in: ['LIVE'],
  sign_in_link: ['OPEN'],
  passkey: ['ACTIVE'],
  access_request: ['REQUESTED'],
  access_grant: ['APPROVED', 'CONSUMED'],
  session: ['LIVE'],
  change: ['PREVIEWING', 'OPEN', 'APPROVED'],
  team: ['ACTIVE'],
  batch: ['OPEN'],
};

/** The states of a table's rows that give access; null where all rows do. */
export function statesGivingAccess(table: AuthorityTable): readonly string[] | null {
  return STATES_GIVING_ACCESS[table] ?? null;
}

/** Whether a row gives access in its current state. */
export function givesAccess(table: AuthorityTable, row: AuthorityRow): boolean {
  return STATES_GIVING_ACCESS[table]?.includes(String(row['state'])) ?? true;
}

/** The row with its MAC. `key` is the tenant's metadata key; null for the deployment, which has no key. */
export function withMac<Table extends AuthorityTable>(
  key: SecretKey | null,
  table: Table,
  row: Omit<AuthorityRowByTable[Table], 'mac'>,
): AuthorityRowByTable[Table] {
  // TypeScript cannot infer that a row without `mac`, plus `mac`, is a row.
  return { ...row, mac: key === null ? null : authorityMac(key, table, row) } as unknown as AuthorityRowByTable[Table];
}

type Stateful = Exclude<AuthorityTable, 'policy' | 'retention' | 'decision' | 'team_member' | 'team_queue'>;

/**
 * The columns that a change sets in a row that gives access before it, with the MAC of the changed row. Throws `conflict`
 * where the row no longer gives access, `integrity` where it is not authentic: a change must not authenticate a
 * forgery.
 */
export function changeWithMac<Table extends Stateful, To extends Partial<Omit<AuthorityRowByTable[Table], 'mac'>>>(
  key: SecretKey | null,
  table: Table,
  from: AuthorityRowByTable[Table],
  to: To,
): To & Pick<AuthorityChange<AuthorityRowByTable[Table]>, 'mac'> {
  // A row that ended never gives access again, and no MAC covers it any more.
  if (!givesAccess(table, from)) throw new VaultError('conflict', 'the row no longer gives access');
  if (key !== null) requireAuthentic(key, table, from);
  // The deployment has no MAC to change: who changes its row has compared it with the log.
  else if (from.tenant !== DEPLOYMENT) throw forgedRow(table, from);
  const becomes = { ...from, ...to, version: from.version + 1 };
  return { ...to, mac: key === null ? null : authorityMac(key, table, becomes) };
}

/**
 * Throws `integrity`, naming the row, where a row gives access without its MAC. `key` is the metadata key of the row's
 * tenant. Rows of the deployment are compared with its log (`requireAuthenticRow`).
 */
export function requireAuthentic<Table extends AuthorityTable>(
  key: SecretKey,
  table: Table,
  row: AuthorityRowByTable[Table],
): void {
  if (!givesAccess(table, row)) return;
  if (!isRowAuthentic(key, table, row)) throw forgedRow(table, row);
}

/** The error about a row that gives access and is not authentic. */
export function forgedRow<Table extends AuthorityTable>(table: Table, row: AuthorityRowByTable[Table]): VaultError {
  const id = 'id' in row ? row.id : 'request' in row ? row.request : row.team;
  return new VaultError('integrity', 'a row that gives access is not authentic', {
    forged: { tenant: row.tenant, table, id, unsealed: row.mac === null && row.tenant !== DEPLOYMENT },
  });
}
