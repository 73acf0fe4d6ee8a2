// The adoption of rows that give access and were written before such rows had MACs: once per tenant.
import { sha256 } from '../../bytes/digest.ts';
import { AUTHORITY_TABLES, type AuthorityTable, authorityMac } from '../../envelope/authority.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { Actor } from '../../model/audit-event.ts';
import { readLeaf } from '../../model/log/leaf.ts';
import type { Rows } from '../../ports/database.ts';
import type { RowWithoutMac } from '../../ports/rows/authority-rows.ts';
import { authorityKey } from '../core/authority/authority-key.ts';
import { givesAccess } from '../core/authority/authority-rows.ts';
import { event } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';

/** A row to adopt, as the operator reviews it. */
export type AdoptedRow = {
  readonly table: AuthorityTable;
  readonly id: string;
  /** The principal of a credential, the person of a grant. */
  readonly principal?: string;
  readonly roles?: readonly string[];
};

const PAGE = 1_000;

/** The rows of a tenant to adopt. Throws `not_found`, or `conflict` where its rows have MACs already. */
export async function findAdoptableRows(
  vault: Pick<Vault, 'db' | 'metadataKeys'>,
  tenant: string,
  request: RequestContext,
): Promise<AdoptedRow[]> {
  await requireNotAdopted(vault, tenant, request);
  await authorityKey(vault, tenant, request);
  return vault.db.read(async (rows) => (await rowsWithoutMac(rows, tenant)).map(shown), request);
}

/**
 * Adds a MAC to every row of the tenant that gives access, in one transaction with its event. From then on even a row
 * that an attacker wrote before is authentic: an operator reviews `findAdoptableRows` first. Throws as
 * `findAdoptableRows`.
 */
export async function adoptRows(
  vault: Pick<Vault, 'db' | 'metadataKeys'>,
  by: Actor,
  tenant: string,
  request: RequestContext,
): Promise<AdoptedRow[]> {
  await requireNotAdopted(vault, tenant, request);
  const key = await authorityKey(vault, tenant, request);
  if (key === null) throw new VaultError('malformed', 'rows of the deployment carry no MAC');
  const { result } = await vault.db.change(async (tx) => {
    const found = await rowsWithoutMac(tx, tenant);
    for (const { table, row } of found) await tx.authority.setMac(table, row, macOf(key, table, row));
    const adopted = found.map(shown);
    const list = adopted.map(({ table, id }) => `${table} ${id}\n`).sort();
    const object = { id: tenant, rows: adopted.length, sha256: sha256(list.join('')).toString('hex') };
    return { result: adopted, events: [event(tenant, by, 'authority.adopted', object, request)] };
  }, request);
  return result;
}

function macOf(key: SecretKey, table: AuthorityTable, row: RowWithoutMac): Uint8Array {
  try {
    return authorityMac(key, table, row);
  } catch (error) {
    throw new VaultError('integrity', `a row of ${table} has a value that its kind never has`, { cause: error });
  }
}

type Found = { readonly table: AuthorityTable; readonly row: RowWithoutMac };

async function rowsWithoutMac(rows: Pick<Rows, 'authority'>, tenant: string): Promise<Found[]> {
  const found: Found[] = [];
  for (const table of AUTHORITY_TABLES) {
    for (const row of await rows.authority.withoutMac(tenant, table)) {
      if (givesAccess(table, row)) found.push({ table, row });
    }
  }
  return found;
}

function shown({ table, row }: Found): AdoptedRow {
  const principal = row['principal'] ?? row['person'] ?? row['requester'] ?? row['approver'];
  return {
    table,
    id: String(row['id'] ?? row['request'] ?? row['team']),
    ...(principal === undefined ? {} : { principal: String(principal) }),
    ...(Array.isArray(row['roles']) ? { roles: row['roles'].map(String) } : {}),
  };
}

/** The log records an adoption. A column would not do: anyone who can forge rows could reset it. */
async function requireNotAdopted(vault: Pick<Vault, 'db'>, tenant: string, request: RequestContext): Promise<void> {
  for (let from = 0, read = PAGE; read === PAGE; from += read) {
    const events = await vault.db.read((rows) => rows.log.events(tenant, from, PAGE), request);
    read = events.length;
    for (const { leaf } of events) {
      const content = readLeaf(leaf);
      if (content === null) throw new VaultError('integrity', 'an event of the tenant’s log cannot be read');
      if (content.action === 'authority.adopted' || content.object['authority'] === 1)
        throw new VaultError('conflict', 'the tenant’s rows already have MACs: one without a MAC is a forgery');
    }
  }
}
