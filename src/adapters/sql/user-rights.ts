// The rights of PostgreSQL's current user, compared with what a use needs.
import { Kysely, sql } from 'kysely';
import type pg from 'pg';
import { AUTHORITY_TABLES } from '../../envelope/authority.ts';
import { type DatabaseUse, rightsOf, type TableRights } from '../../model/database-rights.ts';
import type { ExcessRight, UserRights } from '../../ports/database-user.ts';
import { poolDialect } from './pool-dialect.ts';
import { mayVacuum } from './postgres-purge.ts';

type Db = Kysely<Record<string, Record<string, unknown>>>;

const PRIVILEGES = ['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger'] as const;
type Privilege = (typeof PRIVILEGES)[number];

/** What the user holds on one table: privileges on all of it, and the columns that it may update. */
type HeldRights = {
  readonly privileges: readonly Privilege[];
  readonly columns: readonly string[];
  readonly updatable: readonly string[];
};

/** As the port's. Ends the pool. */
export async function userRights(pool: pg.Pool, use: DatabaseUse): Promise<UserRights> {
  const db: Db = new Kysely({ dialect: poolDialect(pool) });
  try {
    return await db.connection().execute(async (connection) => {
      const { user, ownsTables, createsTables, createsRoles, seesTransactions } = await readUser(connection);
      const held = await readHeld(connection);
      const compared = [...rightsOf(use)].map(([table, needed]) => compare(table, needed, held.get(table)));
      const more = [
        ...(createsTables ? [{ right: 'create on the schema', grantsAccess: false }] : []),
        ...(createsRoles ? [{ right: 'createrole', grantsAccess: true }] : []),
      ];
      return {
        user,
        ownsTables,
        missing: compared.flatMap(({ missing }) => missing),
        excess: [...compared.flatMap(({ excess }) => excess), ...more],
        mayVacuum: await mayVacuum(connection),
        seesTransactions,
      };
    });
  } finally {
    await db.destroy();
  }
}

type User = {
  readonly user: string;
  readonly ownsTables: boolean;
  readonly createsTables: boolean;
  readonly createsRoles: boolean;
  readonly seesTransactions: boolean;
};

async function readUser(db: Db): Promise<User> {
  // A superuser is a member of every role.
  const { rows } = await sql<User>`
    select current_user::text as user,
      coalesce(bool_or(pg_has_role(c.relowner, 'member')), false) as "ownsTables",
      coalesce(has_schema_privilege(current_schema(), 'create'), false) as "createsTables",
      (select rolcreaterole from pg_roles where rolname = current_user) as "createsRoles",
      pg_has_role('pg_read_all_stats', 'usage') as "seesTransactions"
    from (select 1) as one left join pg_class c
      on c.relnamespace = current_schema()::regnamespace and c.relname in (${sql.join([...rightsOf('operator').keys()])})`.execute(
    db,
  );
  const [user] = rows;
  if (user === undefined) throw new TypeError('a query that always has a row had none');
  return user;
}

async function readHeld(db: Db): Promise<ReadonlyMap<string, HeldRights>> {
  const { rows } = await sql<HeldRights & { readonly name: string }>`
    select c.relname::text as name,
      array(select p from unnest(${[...PRIVILEGES]}::text[]) as p where has_table_privilege(c.oid, p)) as privileges,
      array(select a.attname::text from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        order by a.attnum) as columns,
      array(select a.attname::text from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        and has_column_privilege(c.oid, a.attnum, 'update') order by a.attnum) as updatable
    from pg_class c where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p')`.execute(db);
  return new Map(rows.map(({ name, ...held }) => [name, held]));
}

type Compared = { readonly missing: readonly string[]; readonly excess: readonly ExcessRight[] };

/** A table without a row of `held` is one that the database does not have: its rights are all missing. */
function compare(table: string, needed: TableRights, held?: HeldRights): Compared {
  const { privileges = [], updatable = [], columns = [] } = held ?? {};
  const wanted = [
    ...(needed.select ? (['select'] as const) : []),
    ...(needed.insert ? (['insert'] as const) : []),
    ...(needed.delete ? (['delete'] as const) : []),
    ...(needed.update === 'all' ? (['update'] as const) : []),
  ];
  const updated = needed.update === 'all' ? columns : [...needed.update];
  const lacking = needed.update === 'all' ? [] : updated.filter((column) => !updatable.includes(column));
  const wholly = privileges.filter((privilege) => !(wanted as readonly Privilege[]).includes(privilege));
  const partly = wholly.includes('update') ? [] : updatable.filter((column) => !updated.includes(column));
  const missing = [...wanted.filter((privilege) => !privileges.includes(privilege)), ...ofColumns(lacking)];
  const excess = [...wholly, ...ofColumns(partly)];
  return {
    missing: missing.length === 0 ? [] : [`${missing.join(', ')} on ${table}`],
    excess:
      excess.length === 0
        ? []
        : [{ right: `${excess.join(', ')} on ${table}`, grantsAccess: writesAccess(table, excess) }],
  };
}

function ofColumns(columns: readonly string[]): string[] {
  return columns.length === 0 ? [] : [`update (${columns.join(', ')})`];
}

/** Deleting gives access too: without the newest row of a policy, an earlier policy is in force again. */
function writesAccess(table: string, rights: readonly string[]): boolean {
  const isAuthority = (AUTHORITY_TABLES as readonly string[]).includes(table);
  return isAuthority && rights.some((right) => /^(insert|update|delete|truncate|trigger)/.test(right));
}
