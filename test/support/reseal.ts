// New MACs for rows that give access after a test has edited them, as the vault would write them.
import type { Database } from 'better-sqlite3';
import { AUTHORITY_TABLES, authorityMac } from '../../src/envelope/authority.ts';
import { authorityKey } from '../../src/vault/core/authority/authority-key.ts';
import type { Vault } from '../../src/vault/core/vault.ts';

type Row = Readonly<Record<string, unknown>> & { readonly rowid: number; readonly tenant: string };

/** Replaces the MAC of each row of a tenant that has one by the MAC of its current content. */
export async function resealRows(vault: Vault, sql: Database): Promise<void> {
  const request = { signal: AbortSignal.timeout(600_000) };
  for (const table of AUTHORITY_TABLES) {
    for (const { rowid, ...row } of sql.prepare(`select rowid, * from ${table} where mac is not null`).all() as Row[]) {
      const key = await authorityKey(vault, String(row['tenant']), request);
      if (key !== null) {
        sql.prepare(`update ${table} set mac = ? where rowid = ?`).run(authorityMac(key, table, row), rowid);
      }
    }
  }
}
