// Rows without a MAC in SQL: finds them and adds it.
import type { Kysely } from 'kysely';
import { VaultError } from '../../errors.ts';
import type { AuthorityWrites, RowWithoutMac } from '../../ports/rows/authority-rows.ts';
import { decisions, grants, requests } from './access-mapping.ts';
import { passkeys } from './passkey-mapping.ts';
import { apiKeys, principals } from './principal-mapping.ts';
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
};

type UntypedDb = Kysely<Record<string, Record<string, unknown>>>;

/** Key of a row, by table. */
const primaryKeyOf = (table: string): readonly string[] =>
  table === 'decision' ? ['tenant', 'request', 'approver'] : ['tenant', 'id'];

/** Finds rows without a MAC and adds it, in the transaction of `db`. */
export function authorityRows(db: Kysely<Schema>): AuthorityWrites {
  // One cast for all tables: Kysely cannot type a table chosen at run time.
  const loose = db as unknown as UntypedDb;
  return {
    withoutMac: async (tenant, table) => {
      let rows = loose.selectFrom(table).selectAll().where('tenant', '=', tenant).where('mac', 'is', null);
      for (const column of primaryKeyOf(table)) rows = rows.orderBy(column);
      const found = await rows.execute();
      const toNoun = NOUNS[table];
      // One cast for all tables here too.
      return toNoun === undefined ? found : found.map((columns) => toNoun(columns as never));
    },
    setMac: async (table, row, mac) => {
      let update = loose.updateTable(table).set({ mac }).where('mac', 'is', null);
      for (const column of primaryKeyOf(table)) update = update.where(column, '=', row[column]);
      if (row['version'] !== undefined) update = update.where('version', '=', row['version']);
      const { numUpdatedRows } = await update.executeTakeFirst();
      if (numUpdatedRows !== 1n) throw new VaultError('conflict', 'the row has been changed by a concurrent update');
    },
  };
}
