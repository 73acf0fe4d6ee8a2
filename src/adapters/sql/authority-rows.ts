// Rows without a MAC in SQL: finds them and adds it.
import type { Kysely } from 'kysely';
import { VaultError } from '../../errors.ts';
import type { AuthorityWrites, RowWithoutMac } from '../../ports/rows/authority-rows.ts';
import type { Connection } from './connection.ts';
import {
  apiKeys,
  batches,
  changes,
  decisions,
  grants,
  passkeys,
  principals,
  requests,
  teamMembers,
} from './mappings.ts';
import { query } from './query.ts';
import type { Schema } from './schema.ts';
import { sessions } from './session-mapping.ts';

/** The nouns of the tables whose columns are not their members. */
const NOUNS: Readonly<Record<string, ((columns: never) => RowWithoutMac) | undefined>> = {
  principal: principals.toNoun,
  api_key: apiKeys.toNoun,
  passkey: passkeys.toNoun,
  access_request: requests.toNoun,
  decision: decisions.toNoun,
  access_grant: grants.toNoun,
  session: sessions.toNoun,
  change: changes.toNoun,
  team_member: teamMembers.toNoun,
  batch: batches.toNoun,
};

// Kysely cannot type a table chosen at run time.
const untyped = (db: Kysely<Schema>) => db as unknown as Kysely<Record<string, Record<string, unknown>>>;

/** The key of a row, by table. */
const PRIMARY_KEYS: Readonly<Record<string, readonly string[] | undefined>> = {
  decision: ['tenant', 'request', 'approver'],
  team_member: ['tenant', 'team', 'person'],
  team_queue: ['tenant', 'team', 'queue'],
};
const primaryKeyOf = (table: string): readonly string[] => PRIMARY_KEYS[table] ?? ['tenant', 'id'];

type Queries = ReturnType<typeof queriesOn>;

const byTable = new Map<string, Queries>();

function queriesOn(table: string) {
  return {
    withoutMac: query((db, tenant: string) => {
      const rows = untyped(db).selectFrom(table).selectAll().where('tenant', '=', tenant).where('mac', 'is', null);
      return primaryKeyOf(table).reduce((sorted, column) => sorted.orderBy(column), rows);
    }),
    countWithoutMac: query((db, states: readonly string[] | null) => {
      const rows = untyped(db)
        .selectFrom(table)
        .select(({ fn }) => ['tenant', fn.countAll().as('rows')])
        .where('mac', 'is', null)
        .where('tenant', '!=', 'deployment')
        .groupBy('tenant');
      return states === null ? rows : rows.where('state', 'in', states);
    }),
    setMac: query((db, key: RowWithoutMac, mac: Uint8Array) =>
      untyped(db)
        .updateTable(table)
        .set({ mac })
        .where('mac', 'is', null)
        .where(({ and }) => and(key)),
    ),
  };
}

function queriesOf(table: string): Queries {
  const known = byTable.get(table) ?? queriesOn(table);
  byTable.set(table, known);
  return known;
}

/** Finds rows without a MAC and adds it, in the transaction of `db`. */
export function authorityRows(db: Connection): AuthorityWrites {
  return {
    withoutMac: async (tenant, table) => {
      const found = await db.all(queriesOf(table).withoutMac(tenant));
      const toNoun = NOUNS[table];
      // One cast for all tables here too.
      return toNoun === undefined ? found : found.map((columns) => toNoun(columns as never));
    },
    countWithoutMac: async (table, states) =>
      (await db.all(queriesOf(table).countWithoutMac(states))).map(({ tenant, rows }) => ({
        tenant: String(tenant),
        rows: Number(rows),
      })),
    setMac: async (table, row, mac) => {
      const names = [...primaryKeyOf(table), ...(row['version'] === undefined ? [] : ['version'])];
      const key = Object.fromEntries(names.map((name) => [name, row[name]]));
      if ((await db.run(queriesOf(table).setMac(key, mac))) !== 1)
        throw new VaultError('conflict', 'the row has been changed by a concurrent update');
    },
  };
}
