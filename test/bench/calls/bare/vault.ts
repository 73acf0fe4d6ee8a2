// The bare minimum's vault: one SQLite handle with the product's settings, one tenant, its keys in memory.
import SqliteFile from 'better-sqlite3';
import { openKeyring } from '../../../../src/adapters/local/keyring.ts';
import { keyContext } from '../../../../src/envelope/key-context.ts';
import type { SecretKey } from '../../../../src/envelope/secret-key.ts';
import type { KeyService } from '../../../../src/ports/key-service.ts';
import { type AppendEvents, logOf } from './log.ts';

/** A row of a table, by its columns. The columns' names are also those under which a MAC covers them. */
export type Row = Readonly<Record<string, unknown>>;

/** The tenant's key in the keyring, and its generation. */
export type TenantKey = { readonly scheme: 'keyring'; readonly id: string; readonly wrap: number };

export type BareVault = {
  readonly db: SqliteFile.Database;
  readonly tenant: string;
  readonly tenantKey: TenantKey;
  readonly metadataKey: SecretKey;
  readonly keys: KeyService;
  /** The folder of blobs. */
  readonly store: string;
  /** The policy that requests name. */
  readonly policy: string;
  readonly append: AppendEvents;
  /** Runs work in a transaction that writes. */
  readonly write: <T>(work: () => T) => T;
};

/** Waits of this program never end: it has no deadlines. */
export const FOREVER = { signal: new AbortController().signal };

/** Opens what the product's `init` made, by the variables that it wrote. */
export async function openBareVault(variables: Readonly<Record<string, string>>, tenant: string): Promise<BareVault> {
  const pathIn = (name: string): string => (variables[name] ?? '').replace(/^[a-z]+:/, '');
  const db = new SqliteFile(pathIn('CALLVAULT_DATABASE'));
  for (const setting of ['trusted_schema = OFF', 'journal_mode = WAL', 'synchronous = FULL']) db.pragma(setting);
  for (const setting of ['secure_delete = ON', 'foreign_keys = ON']) db.pragma(setting);
  const row = db.prepare('select * from tenant where tenant = ?').get(tenant) as Row;
  const keys = await openKeyring(pathIn('CALLVAULT_KEYS'), variables['CALLVAULT_KEYRING_ROOT'] ?? '');
  const metadata = {
    scheme: 'keyring',
    id: String(row['metadata_key_id']),
    wrapped: row['metadata_wrapped'] as Buffer,
  } as const;
  const context = keyContext({ use: 'metadata', tenant, wrap: Number(row['metadata_wrap']) });
  const metadataKey = await keys.unwrap(metadata, context, FOREVER);
  const policy = db.prepare('select id from policy where tenant = ? order by created desc, id desc').get(tenant) as Row;
  const write = <T>(work: () => T): T => db.transaction(work).immediate();
  return {
    ...{ db, tenant, metadataKey, keys, write },
    tenantKey: { scheme: 'keyring', id: String(row['key_id']), wrap: Number(row['wrap']) },
    store: pathIn('CALLVAULT_STORE'),
    policy: String(policy['id']),
    append: logOf(db, tenant, metadataKey, {
      origin: variables['CALLVAULT_ORIGIN'] ?? '',
      node: variables['CALLVAULT_NODE'] ?? '',
    }),
  };
}
