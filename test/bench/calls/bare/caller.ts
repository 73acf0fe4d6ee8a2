// Authentication of the bare minimum: the key's hash, the states of the rows, and their MACs.
import { timingSafeEqual } from 'node:crypto';
import { sha256 } from '../../../../src/bytes/digest.ts';
import { type AuthorityTable, isRowAuthentic } from '../../../../src/envelope/authority.ts';
import { firstOf, type Row, type Work } from './rows.ts';
import type { BareVault } from './vault.ts';

/** The principal that sent a request. */
export type BareCaller = { readonly id: string; readonly kind: string; readonly apiKey: string };

/** Throws unless the row's MAC verifies. */
export function requireMac(
  { metadataKey }: Pick<BareVault, 'metadataKey'>,
  table: AuthorityTable,
  row: Row | undefined,
): Row {
  if (row === undefined || !isRowAuthentic(metadataKey, table, row))
    throw new Error(`a row of ${table} is missing or forged`);
  return row;
}

/** The caller of a request by its header; throws where the key is not valid. */
export function authenticator(vault: BareVault): (header: string | undefined) => Work<BareCaller> {
  const { prepare } = vault.rows;
  const keys = prepare('select * from api_key where id = ?');
  const principals = prepare(`select p.* from api_key k join principal p on p.tenant = k.tenant and p.id = k.principal
    where k.id = ?`);
  const tenants = prepare('select t.state from api_key k join tenant t on t.tenant = k.tenant where k.id = ?');
  return function* (header = '') {
    const secret = header.slice('Bearer '.length);
    const id = `key_${secret.slice(3, 29)}`;
    const [key, principal, tenant] = yield* firstOf(keys(id), principals(id), tenants(id));
    if (key === undefined || !timingSafeEqual(sha256(secret), key['hash'] as Buffer)) throw new Error('wrong key');
    requireMac(vault, 'api_key', key);
    const live = [key, requireMac(vault, 'principal', principal), tenant].every((row) => row?.['state'] === 'ACTIVE');
    if (!live || String(key['expires']) <= new Date().toISOString()) throw new Error('the key has ended');
    return { id: String(principal?.['id']), kind: String(principal?.['kind']), apiKey: String(key['id']) };
  };
}
