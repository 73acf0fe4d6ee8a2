// Authentication of the bare minimum: the key's hash, the states of the rows, and their MACs.
import { timingSafeEqual } from 'node:crypto';
import { sha256 } from '../../../../src/bytes/digest.ts';
import { type AuthorityTable, isRowAuthentic } from '../../../../src/envelope/authority.ts';
import type { BareVault, Row } from './vault.ts';

/** The principal that sent a request. */
export type BareCaller = { readonly id: string; readonly kind: string; readonly apiKey: string };

/** Throws unless the row's MAC verifies. */
export function requireMac({ metadataKey }: BareVault, table: AuthorityTable, row: Row | undefined): Row {
  if (row === undefined || !isRowAuthentic(metadataKey, table, row))
    throw new Error(`a row of ${table} is missing or forged`);
  return row;
}

/** The caller of a request by its header; throws where the key is not valid. */
export function authenticator(vault: BareVault): (header: string | undefined) => BareCaller {
  const keys = vault.db.prepare('select * from api_key where id = ?');
  const principals = vault.db.prepare('select * from principal where tenant = ? and id = ?');
  const tenants = vault.db.prepare('select state from tenant where tenant = ?');
  return (header = '') => {
    const secret = header.slice('Bearer '.length);
    const key = keys.get(`key_${secret.slice(3, 29)}`) as Row | undefined;
    if (key === undefined || !timingSafeEqual(sha256(secret), key['hash'] as Buffer)) throw new Error('wrong key');
    const principal = principals.get(key['tenant'], key['principal']) as Row | undefined;
    const tenant = tenants.get(key['tenant']) as Row | undefined;
    requireMac(vault, 'api_key', key);
    requireMac(vault, 'principal', principal);
    const live = key['state'] === 'ACTIVE' && principal?.['state'] === 'ACTIVE' && tenant?.['state'] === 'ACTIVE';
    if (!live || String(key['expires']) <= new Date().toISOString()) throw new Error('the key has ended');
    return { id: String(principal['id']), kind: String(principal['kind']), apiKey: String(key['id']) };
  };
}
