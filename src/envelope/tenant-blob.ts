// tenant.json and tombstones: blobs of the tenant itself, under MAC keys of its metadata key.
import { isId } from '../bytes/ids.ts';
import { VaultError } from '../errors.ts';
import { encodeBlob, FORMAT, MAC, parseBlob, TIME, verifyBlob } from './authenticated-json.ts';
import { keyMember, parseServiceKeyMember, type ServiceKey } from './envelope.ts';
import type { SecretKey } from './secret-key.ts';
import { exactMembers, textMember } from './shape.ts';

const TENANT_MAC = 'callvault/tenant@v1';
const TOMBSTONE_MAC = 'callvault/tombstone@v1';

/** A tenant as its own blob describes it: enough to find the metadata key when the database is lost. */
export type TenantBlob = { readonly tenant: string; readonly created: string; readonly key: ServiceKey };

/** That a recording was erased: replayed when an older database comes back. `leaf` is the erasure event's hash, base64. */
export type Tombstone = {
  readonly tenant: string;
  readonly recording: string;
  readonly event: string;
  readonly leaf: string;
};

/** The blob name of a tenant. */
export function tenantPath(tenant: string): string {
  if (!isId(tenant, 'ten')) throw new VaultError('malformed', 'not a tenant id');
  return `t/${tenant}/tenant.json`;
}

/** The bytes of tenant.json. */
export function encodeTenant(blob: TenantBlob, metadataKey: SecretKey): Buffer {
  const body = { format: FORMAT, tenant: blob.tenant, created: blob.created, key: keyMember(blob.key) };
  return encodeBlob(body, metadataKey, TENANT_MAC);
}

/** Reads tenant.json; nothing in it is to be believed before `verifyTenant`. */
export function parseTenant(bytes: Uint8Array): TenantBlob {
  const members = exactMembers(parseBlob(bytes), 'tenant.json', ['format', 'tenant', 'created', 'key', 'mac']);
  textMember(members, 'mac', MAC);
  return {
    tenant: textMember(members, 'tenant', /^ten_[0-7][0-9a-hjkmnp-tv-z]{25}$/),
    created: textMember(members, 'created', TIME),
    key: parseServiceKeyMember(members['key']),
  };
}

/** Throws `integrity` unless tenant.json carries the MAC of this metadata key. */
export function verifyTenant(bytes: Uint8Array, metadataKey: SecretKey): void {
  verifyBlob(bytes, metadataKey, TENANT_MAC);
}

/** The bytes of a tombstone. */
export function encodeTombstone(tombstone: Tombstone, metadataKey: SecretKey): Buffer {
  return encodeBlob({ format: FORMAT, ...tombstone }, metadataKey, TOMBSTONE_MAC);
}

/** Reads and verifies a tombstone: one that does not verify throws and must change nothing. */
export function openTombstone(bytes: Uint8Array, metadataKey: SecretKey): Tombstone {
  const names = ['format', 'tenant', 'recording', 'event', 'leaf', 'mac'];
  const members = exactMembers(parseBlob(bytes), 'tombstone', names);
  verifyBlob(bytes, metadataKey, TOMBSTONE_MAC);
  return {
    tenant: textMember(members, 'tenant', /^ten_[0-7][0-9a-hjkmnp-tv-z]{25}$/),
    recording: textMember(members, 'recording', /^rec_[0-7][0-9a-hjkmnp-tv-z]{25}$/),
    event: textMember(members, 'event', /^evt_[0-7][0-9a-hjkmnp-tv-z]{25}$/),
    leaf: textMember(members, 'leaf', /^[A-Za-z0-9+/]{43}=$/),
  };
}
