// A tenant KEK as its blob carries it: what volume mode's data keys open with when the database is lost.
import { isId, isTenantKekId } from '../bytes/ids.ts';
import { VaultError } from '../errors.ts';
import { encodeBlob, FORMAT, MAC_PATTERN, parseBlob, TIME_PATTERN, verifyBlob } from './authenticated-json.ts';
import { keyMember, parseServiceKeyMember, type ServiceKey } from './envelope.ts';
import { exactMembers, textMember } from './json-members.ts';
import type { SecretKey } from './secret-key.ts';

const KEK_MAC = 'callvault/kek@v1';

/** A tenant KEK, wrapped by a key service: `key.wrap` is the one generation it wraps data keys of. */
export type TenantKekBlob = {
  readonly tenant: string;
  readonly id: string;
  readonly created: string;
  readonly key: ServiceKey;
};

/** The blob name of a tenant KEK, relative to the tenant's place. */
export function tenantKekPath(tenant: string, id: string): string {
  if (!isTenantKekId(id)) throw new VaultError('malformed', 'not the identity of a tenant KEK');
  return `${tenantKekPrefix(tenant)}${id.slice('tenant-kek/'.length)}.json`;
}

/** How the names of the tenant's KEKs begin. Throws `malformed` for what is no tenant id. */
export function tenantKekPrefix(tenant: string): string {
  if (!isId(tenant, 'ten')) throw new VaultError('malformed', 'not the identity of a tenant KEK');
  return `t/${tenant}/k/`;
}

/** The bytes of a tenant KEK's blob. */
export function encodeTenantKek({ tenant, id, created, key }: TenantKekBlob, metadataKey: SecretKey): Buffer {
  return encodeBlob({ format: FORMAT, tenant, id, created, key: keyMember(key) }, metadataKey, KEK_MAC);
}

/** Reads a tenant KEK's blob; nothing in it is to be believed before `verifyTenantKek`. */
export function parseTenantKek(bytes: Uint8Array): TenantKekBlob {
  const members = exactMembers(parseBlob(bytes), 'tenant KEK', ['format', 'tenant', 'id', 'created', 'key', 'mac']);
  textMember(members, 'mac', MAC_PATTERN);
  const id = textMember(members, 'id', /^tenant-kek\//);
  if (!isTenantKekId(id)) throw new VaultError('malformed', 'id is not of its form');
  return {
    tenant: textMember(members, 'tenant', /^ten_[0-7][0-9a-hjkmnp-tv-z]{25}$/),
    id,
    created: textMember(members, 'created', TIME_PATTERN),
    key: parseServiceKeyMember(members['key']),
  };
}

/** Throws `integrity` unless the blob carries the MAC of this metadata key. What wraps the KEK is outside the MAC. */
export function verifyTenantKek(bytes: Uint8Array, metadataKey: SecretKey): void {
  verifyBlob(bytes, metadataKey, KEK_MAC);
}
