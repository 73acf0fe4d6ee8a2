// The envelope: the small blob with a deposit's wrapped data key and the description of its objects.
import { toBase64 } from '../bytes/base64.ts';
import { canonicalBytes, type Json, parseCanonicalObject } from '../bytes/canonical-json.ts';
import { isId } from '../bytes/ids.ts';
import { KEY_SCHEMES, type KeyScheme } from '../bytes/key-schemes.ts';
import { VaultError } from '../errors.ts';
import { encodeBlob, FORMAT, MAC_PATTERN, parseBlob, TIME_PATTERN, verifyBlob } from './authenticated-json.ts';
import { bytesMember, exactMembers, textMember, wholeMember } from './json-members.ts';
import { isObjectName, objectPath } from './object.ts';
import type { SecretKey } from './secret-key.ts';
import { MAX_OBJECT, partCount, sealedObjectSize } from './sizes.ts';

/** Maximum size of an envelope in bytes. */
export const MAX_ENVELOPE = 65_536;

const ENVELOPE_MAC = 'callvault/envelope@v1';

/** How a key was wrapped: by a key service, by the keyring, or under a tenant KEK (volume mode). */
export type WrapScheme = KeyScheme | 'tenant-kek';

const SCHEMES: readonly WrapScheme[] = [...KEY_SCHEMES, 'tenant-kek'];

/** A wrapped data key: wrapped under the key `id`, at the tenant's wrap generation `wrap`. */
export type WrappedKey = {
  readonly scheme: WrapScheme;
  readonly id: string;
  readonly wrap: number;
  readonly wrapped: Uint8Array;
};

/** One object of a deposit, as its envelope describes it. */
export type EnvelopeObject = {
  readonly name: string;
  readonly type: string;
  readonly size: number;
  readonly sealed: number;
  readonly parts: number;
  readonly heads: Uint8Array;
};

/** The content of an envelope. `facts` is sealed under the facts key of the same data key. */
export type Envelope = {
  readonly tenant: string;
  readonly recording: string;
  readonly deposit: string;
  /** RFC 3339, UTC, milliseconds. */
  readonly created: string;
  readonly key: WrappedKey;
  readonly objects: readonly EnvelopeObject[];
  readonly facts: Uint8Array;
};

/** The deposit that an envelope belongs to, as its blob name says. */
export type EnvelopeId = Pick<Envelope, 'tenant' | 'recording' | 'deposit'>;

/** The blob name of a deposit's envelope, relative to the tenant's location. Throws `malformed` for ill-formed ids. */
export function envelopePath(tenant: string, recording: string, deposit: string): string {
  if (!isId(deposit, 'dep')) throw new VaultError('malformed', 'not a deposit identity');
  return `${envelopePrefix(tenant, recording)}${deposit}.json`;
}

/** The name prefix of envelopes: of one recording, or of the whole tenant. Throws `malformed` for ill-formed ids. */
export function envelopePrefix(tenant: string, recording: string | null): string {
  if (!isId(tenant, 'ten') || (recording !== null && !isId(recording, 'rec'))) {
    throw new VaultError('malformed', 'not a deposit identity');
  }
  return recording === null ? `t/${tenant}/e/` : `t/${tenant}/e/${recording}/`;
}

/** Parses an envelope's blob name; null for any other name. */
export function parseEnvelopePath(path: string): EnvelopeId | null {
  const [t, tenant = '', e, recording = '', file = '', more] = path.split('/');
  const deposit = file.endsWith('.json') ? file.slice(0, -'.json'.length) : '';
  const known = t === 't' && e === 'e' && more === undefined;
  if (!known || !isId(tenant, 'ten') || !isId(recording, 'rec') || !isId(deposit, 'dep')) return null;
  return { tenant, recording, deposit };
}

/** The canonical members of a wrapped key. */
export function keyMember(key: WrappedKey): Record<string, Json> {
  return { scheme: key.scheme, id: key.id, wrap: key.wrap, wrapped: toBase64(key.wrapped) };
}

/** A key wrapped by a key service: the form of metadata keys and tenant KEKs. */
export type ServiceKey = WrappedKey & { readonly scheme: Exclude<WrapScheme, 'tenant-kek'> };

/** Reads the member `key` where only a key service may have wrapped it. Throws `malformed` for a tenant KEK. */
export function parseServiceKeyMember(value: Json | undefined): ServiceKey {
  const { scheme, ...key } = parseKeyMember(value);
  if (scheme === 'tenant-kek') throw new VaultError('malformed', 'a tenant KEK wraps data keys alone');
  return { ...key, scheme };
}

/** Reads the member `key` of an envelope. Throws `format_unknown` for an unknown scheme. */
export function parseKeyMember(value: Json | undefined): WrappedKey {
  const members = exactMembers(value, 'key', ['scheme', 'id', 'wrap', 'wrapped']);
  const named = textMember(members, 'scheme', /^[a-z][a-z0-9-]{0,31}$/);
  const scheme = SCHEMES.find((known) => known === named);
  if (scheme === undefined) throw new VaultError('format_unknown', `unknown key scheme ${named}`);
  return {
    scheme,
    id: textMember(members, 'id', /^[\x21-\x7e]{1,2048}$/),
    wrap: wholeMember(members, 'wrap', 1),
    wrapped: bytesMember(members, 'wrapped'),
  };
}

/** Encodes an envelope with its MAC under the envelope key. */
export function encodeEnvelope(envelope: Envelope, dataKey: SecretKey): Buffer {
  const { tenant, recording, deposit, created } = envelope;
  const objects = envelope.objects.map((object) => ({
    ...object,
    path: objectPath({ tenant, recording, deposit, name: object.name }),
    heads: toBase64(object.heads),
  }));
  const facts = toBase64(envelope.facts);
  const body = { format: FORMAT, tenant, recording, deposit, created, key: keyMember(envelope.key), objects, facts };
  const bytes = encodeBlob(body, dataKey, ENVELOPE_MAC);
  if (bytes.length > MAX_ENVELOPE) throw new VaultError('metadata_invalid', 'the metadata is too long for an envelope');
  return bytes;
}

/**
 * Reads an envelope's bytes: canonical form, known format, exact members, consistent ids, names, paths and sizes.
 * Trust nothing in it before `verifyEnvelope`, and use its key only with the operator's consent.
 */
export function parseEnvelope(bytes: Uint8Array): Envelope {
  if (bytes.length > MAX_ENVELOPE) throw new VaultError('malformed', 'an envelope is at most 64 KiB long');
  const value = parseBlob(bytes);
  const names = ['format', 'tenant', 'recording', 'deposit', 'created', 'key', 'objects', 'facts', 'mac'];
  const members = exactMembers(value, 'envelope', names);
  const tenant = textMember(members, 'tenant', /^ten_/);
  const recording = textMember(members, 'recording', /^rec_/);
  const deposit = textMember(members, 'deposit', /^dep_/);
  const list = members['objects'];
  if (!Array.isArray(list) || list.length === 0)
    throw new VaultError('malformed', 'objects must be a list that is not empty');
  const objects = (list as readonly Json[]).map((object) => parseObject(object, tenant, recording, deposit));
  if (new Set(objects.map(({ name }) => name)).size !== objects.length) {
    throw new VaultError('malformed', 'the envelope names an object twice');
  }
  textMember(members, 'mac', MAC_PATTERN);
  return {
    tenant,
    recording,
    deposit,
    created: textMember(members, 'created', TIME_PATTERN),
    key: parseKeyMember(members['key']),
    objects,
    facts: bytesMember(members, 'facts'),
  };
}

function parseObject(value: Json, tenant: string, recording: string, deposit: string): EnvelopeObject {
  const names = ['name', 'path', 'type', 'size', 'sealed', 'parts', 'heads'];
  const members = exactMembers(value, 'object', names);
  const name = textMember(members, 'name', /^[a-z]/);
  const size = wholeMember(members, 'size', 0);
  const object = {
    name,
    type: textMember(members, 'type', /^[\x20-\x7e]{1,255}$/),
    size,
    sealed: wholeMember(members, 'sealed', 0),
    parts: wholeMember(members, 'parts', 1),
    heads: bytesMember(members, 'heads'),
  };
  const agrees =
    size <= MAX_OBJECT &&
    isObjectName(name) &&
    members['path'] === objectPath({ tenant, recording, deposit, name }) &&
    object.sealed === sealedObjectSize(size) &&
    object.parts === partCount(size) &&
    object.heads.length === 32;
  if (!agrees) throw new VaultError('malformed', 'an object of the envelope contradicts itself');
  return object;
}

/** The bytes of an envelope or tenant.json with another member `key`, which no MAC covers: all that a re-wrap changes. */
export function replaceKeyMember(bytes: Uint8Array, key: WrappedKey): Buffer {
  return canonicalBytes({ ...parseCanonicalObject(bytes), key: keyMember(key) });
}

/** Throws `integrity` unless a parsed envelope carries the MAC of this data key. */
export function verifyEnvelope(bytes: Uint8Array, dataKey: SecretKey): void {
  verifyBlob(bytes, dataKey, ENVELOPE_MAC);
}
