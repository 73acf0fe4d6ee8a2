// tenant.json and tombstones: blobs of a tenant under MAC keys of its metadata key.
import { isId } from '../bytes/ids.ts';
import { VaultError } from '../errors.ts';
import { encodeBlob, FORMAT, MAC_PATTERN, parseBlob, TIME_PATTERN, verifyBlob } from './authenticated-json.ts';
import { keyMember, parseServiceKeyMember, type ServiceKey } from './envelope.ts';
import { exactMembers, textMember } from './json-members.ts';
import type { SecretKey } from './secret-key.ts';

const TENANT_MAC = 'callvault/tenant@v1';
const TOMBSTONE_MAC = 'callvault/tombstone@v1';

/** Content of tenant.json: enough to find the metadata key after the database is lost. */
export type TenantBlob = { readonly tenant: string; readonly created: string; readonly key: ServiceKey };

/** Content of a tombstone: proof of an erasure, replayed when an older database is restored. `leaf` is the erasure event's hash, base64. */
export type Tombstone = {
  readonly tenant: string;
  readonly recording: string;
  readonly event: string;
  readonly leaf: string;
};

/** The blob name of tenant.json. */
export function tenantPath(tenant: string): string {
  if (!isId(tenant, 'ten')) throw new VaultError('malformed', 'not a tenant id');
  return `t/${tenant}/tenant.json`;
}

/** The blob name of a tombstone: under the day when the erasure began, `at` (RFC 3339, UTC). */
export function tombstonePath(tenant: string, recording: string, at: string): string {
  if (!isId(recording, 'rec')) throw new VaultError('malformed', 'not a recording id');
  return `${tombstonePrefix(tenant, at)}${recording}.json`;
}

/** The name prefix of a tenant's tombstones: of one day, or of all. */
export function tombstonePrefix(tenant: string, day: string | null): string {
  if (!isId(tenant, 'ten')) throw new VaultError('malformed', 'not a tenant id');
  return day === null ? `t/${tenant}/x/` : `t/${tenant}/x/${day.slice(0, 10).replaceAll('-', '')}/`;
}

/** The recording that a tombstone's blob name names; null for any other name. */
export function parseTombstonePath(tenant: string, path: string): string | null {
  const [, day, recording] = /^x\/(\d{8})\/(rec_[^/]*)\.json$/.exec(path.slice(`t/${tenant}/`.length)) ?? [];
  const named = path.startsWith(`t/${tenant}/`) && day !== undefined && recording !== undefined;
  return named && isId(recording, 'rec') ? recording : null;
}

/** Encodes tenant.json. */
export function encodeTenant(blob: TenantBlob, metadataKey: SecretKey): Buffer {
  const body = { format: FORMAT, tenant: blob.tenant, created: blob.created, key: keyMember(blob.key) };
  return encodeBlob(body, metadataKey, TENANT_MAC);
}

/** Reads tenant.json. Trust nothing in it before `verifyTenant`. */
export function parseTenant(bytes: Uint8Array): TenantBlob {
  const members = exactMembers(parseBlob(bytes), 'tenant.json', ['format', 'tenant', 'created', 'key', 'mac']);
  textMember(members, 'mac', MAC_PATTERN);
  return {
    tenant: textMember(members, 'tenant', /^ten_[0-7][0-9a-hjkmnp-tv-z]{25}$/),
    created: textMember(members, 'created', TIME_PATTERN),
    key: parseServiceKeyMember(members['key']),
  };
}

/** Throws `integrity` unless tenant.json carries the MAC of this metadata key. */
export function verifyTenant(bytes: Uint8Array, metadataKey: SecretKey): void {
  verifyBlob(bytes, metadataKey, TENANT_MAC);
}

/** Encodes a tombstone. */
export function encodeTombstone(tombstone: Tombstone, metadataKey: SecretKey): Buffer {
  return encodeBlob({ format: FORMAT, ...tombstone }, metadataKey, TOMBSTONE_MAC);
}

/** Reads and verifies a tombstone. Throws for one that does not verify; the caller must then change nothing. */
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
