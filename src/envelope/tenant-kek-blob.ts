// The blob of a tenant KEK: it opens the data keys of volume mode after the database is lost.
import { isId, isTenantKekId } from '../bytes/ids.ts';
import { VaultError } from '../errors.ts';
import { encodeBlob, FORMAT, MAC_PATTERN, parseBlob, TIME_PATTERN, verifyBlob } from './authenticated-json.ts';
import { keyMember, parseServiceKeyMember, type ServiceKey } from './envelope.ts';
import { exactMembers, textMember } from './json-members.ts';
import type { SecretKey } from './secret-key.ts';

const KEK_MAC = 'callvault/kek@v1';

/** A tenant KEK, wrapped by a key service. It wraps data keys of one generation, `key.wrap`. */
export type TenantKekBlob = {
  readonly tenant: string;
  readonly id: string;
  readonly created: string;
  readonly key: ServiceKey;
};

/** The blob name of a tenant KEK, relative to the tenant's location. */
export function tenantKekPath(tenant: string, id: string): string {
  if (!isTenantKekId(id)) throw new VaultError('malformed', 'not a tenant KEK id');
  return `${tenantKekPrefix(tenant)}${id.slice('tenant-kek/'.length)}.json`;
}

/** The name prefix of the tenant's KEKs. Throws `malformed` for an ill-formed tenant id. */
export function tenantKekPrefix(tenant: string): string {
  if (!isId(tenant, 'ten')) throw new VaultError('malformed', 'not a tenant id');
  return `t/${tenant}/k/`;
}

/** Encodes a tenant KEK's blob. */
export function encodeTenantKek({ tenant, id, created, key }: TenantKekBlob, metadataKey: SecretKey): Buffer {
  return encodeBlob({ format: FORMAT, tenant, id, created, key: keyMember(key) }, metadataKey, KEK_MAC);
}

/** Reads a tenant KEK's blob. Trust nothing in it before `verifyTenantKek`. */
export function parseTenantKek(bytes: Uint8Array): TenantKekBlob {
  const members = exactMembers(parseBlob(bytes), 'tenant KEK', ['format', 'tenant', 'id', 'created', 'key', 'mac']);
  textMember(members, 'mac', MAC_PATTERN);
  const id = textMember(members, 'id', /^tenant-kek\//);
  if (!isTenantKekId(id)) throw new VaultError('malformed', 'id is not a tenant KEK id');
  return {
    tenant: textMember(members, 'tenant', /^ten_[0-7][0-9a-hjkmnp-tv-z]{25}$/),
    id,
    created: textMember(members, 'created', TIME_PATTERN),
    key: parseServiceKeyMember(members['key']),
  };
}

/** Throws `integrity` unless the blob carries the MAC of this metadata key. The MAC does not cover the wrapped key. */
export function verifyTenantKek(bytes: Uint8Array, metadataKey: SecretKey): void {
  verifyBlob(bytes, metadataKey, KEK_MAC);
}
