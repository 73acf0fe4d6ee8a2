// The blob of an ingest key: it opens files that were sealed to the key after the database is lost.
import { fromBase64, toBase64 } from '../bytes/base64.ts';
import { canonicalBytes } from '../bytes/canonical-json.ts';
import { equalBytes } from '../bytes/digest.ts';
import { idOfUuid, idUuid, isId } from '../bytes/ids.ts';
import { VaultError } from '../errors.ts';
import { FORMAT, MAC_PATTERN, macOf, parseBlob, TIME_PATTERN, verifyBlob } from './authenticated-json.ts';
import { keyMember, parseServiceKeyMember, type ServiceKey } from './envelope.ts';
import { bytesMember, exactMembers, textMember } from './json-members.ts';
import { type SecretKey, withDerived } from './secret-key.ts';

const INGEST_KEY_MAC = 'callvault/ingest-key@v1';
/** Bytes of an X25519 public key. */
const PUBLIC_BYTES = 32;

/** What an ingest key is: everything under its MAC. `public` is the 32-byte X25519 key that senders seal files to. */
export type IngestKeyIdentity = {
  readonly tenant: string;
  readonly id: string;
  readonly created: string;
  readonly public: Uint8Array;
};

/** An ingest key, its 32-byte seed wrapped by a key service. `mac`: 64 bytes. */
export type IngestKeyBlob = IngestKeyIdentity & { readonly key: ServiceKey; readonly mac: Uint8Array };

/** The blob name of an ingest key, relative to the tenant's location. Throws `malformed` for ill-formed ids. */
export function ingestKeyPath(tenant: string, id: string): string {
  if (!isId(id, 'ink')) throw new VaultError('malformed', 'not an ingest key id');
  return `${ingestKeyPrefix(tenant)}${idUuid(id)}.json`;
}

/** The name prefix of the tenant's ingest keys. Throws `malformed` for an ill-formed tenant id. */
export function ingestKeyPrefix(tenant: string): string {
  if (!isId(tenant, 'ten')) throw new VaultError('malformed', 'not a tenant id');
  return `t/${tenant}/i/`;
}

/** The ingest key that a blob name names; null for any other name. */
export function parseIngestKeyPath(tenant: string, path: string): string | null {
  const prefix = ingestKeyPrefix(tenant);
  if (!path.startsWith(prefix) || !path.endsWith('.json')) return null;
  return idOfUuid('ink', path.slice(prefix.length, -'.json'.length));
}

/** The MAC of an ingest key under the tenant's metadata key: 64 bytes. Its row and its blob carry the same one. */
export function ingestKeyMac(identity: IngestKeyIdentity, metadataKey: SecretKey): Buffer {
  return withDerived(metadataKey, [INGEST_KEY_MAC], 64, (key) => fromBase64(macOf(key, bodyOf(identity))));
}

/** Whether a row or blob carries the MAC of this metadata key, compared in constant time. */
export function isIngestKeyAuthentic(
  key: IngestKeyIdentity & { readonly mac: Uint8Array },
  metadataKey: SecretKey,
): boolean {
  return key.mac.length === 64 && equalBytes(ingestKeyMac(key, metadataKey), key.mac);
}

/** Encodes an ingest key's blob; its `mac` is the one of `ingestKeyMac`. */
export function encodeIngestKey(blob: IngestKeyBlob): Buffer {
  return canonicalBytes({ ...bodyOf(blob), key: keyMember(blob.key), mac: toBase64(blob.mac) });
}

/** Reads an ingest key's blob. Trust nothing in it before `verifyIngestKey`. */
export function parseIngestKey(bytes: Uint8Array): IngestKeyBlob {
  const names = ['format', 'tenant', 'id', 'created', 'public', 'key', 'mac'];
  const members = exactMembers(parseBlob(bytes), 'ingest key', names);
  const publicKey = bytesMember(members, 'public');
  if (publicKey.length !== PUBLIC_BYTES) throw new VaultError('malformed', 'public is not a public key');
  return {
    tenant: textMember(members, 'tenant', /^ten_[0-7][0-9a-hjkmnp-tv-z]{25}$/),
    id: textMember(members, 'id', /^ink_[0-7][0-9a-hjkmnp-tv-z]{25}$/),
    created: textMember(members, 'created', TIME_PATTERN),
    public: publicKey,
    key: parseServiceKeyMember(members['key']),
    mac: fromBase64(textMember(members, 'mac', MAC_PATTERN)),
  };
}

/** Throws `integrity` unless the blob carries the MAC of this metadata key. The MAC does not cover the wrapped seed. */
export function verifyIngestKey(bytes: Uint8Array, metadataKey: SecretKey): void {
  verifyBlob(bytes, metadataKey, INGEST_KEY_MAC);
}

function bodyOf({ tenant, id, created, public: key }: IngestKeyIdentity) {
  return { format: FORMAT, tenant, id, created, public: toBase64(key) };
}
