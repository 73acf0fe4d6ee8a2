// MACs made again after a test has edited rows that give access: what the vault itself would have written.
import type { Database } from 'better-sqlite3';
import { AUTHORITY_TABLES, authorityMac } from '../../src/envelope/authority.ts';
import { authorityKey } from '../../src/vault/core/authority/authority-key.ts';
import type { Vault } from '../../src/vault/core/vault.ts';

type Row = Readonly<Record<string, unknown>> & { readonly rowid: number; readonly tenant: string };

/** Gives each row of a tenant that has a MAC the one of what it says now. */
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
