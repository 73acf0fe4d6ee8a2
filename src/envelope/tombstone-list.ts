// Tombstone lists: the store's record of a batch of erasures, with the calls' natural keys (docs/format.md, section 9).
import { fromBase64, toBase64 } from '../bytes/base64.ts';
import type { Json } from '../bytes/canonical-json.ts';
import { isId } from '../bytes/ids.ts';
import { VaultError } from '../errors.ts';
import { encodeBlob, FORMAT, MAC_PATTERN, parseBlob, verifyBlob } from './authenticated-json.ts';
import { exactMembers, textMember } from './json-members.ts';
import type { SecretKey } from './secret-key.ts';
import { tombstonePrefix } from './tenant-blob.ts';

/** Maximum size of a list in bytes, and of recordings in it. */
export const MAX_TOMBSTONE_LIST = 65_536;
export const MAX_LISTED = 100;

const LIST_MAC = 'callvault/tombstone-list@v1';

/** An erased recording, and the blind index of its call (label `natural`); null for an older erasure that kept none. */
export type ErasedRecording = { readonly recording: string; readonly natural: Uint8Array | null };

/** The recordings of one batch, ascending by id; `event` began the erasure, and `leaf` is its leaf's hash in base64. */
export type TombstoneList = {
  readonly tenant: string;
  readonly event: string;
  readonly leaf: string;
  readonly erased: readonly ErasedRecording[];
};

/** The blob name of a list: under the day when the erasure began, `at` (RFC 3339, UTC). */
export function tombstoneListPath(tenant: string, event: string, at: string): string {
  if (!isId(event, 'evt')) throw new VaultError('malformed', 'not an event id');
  return `${tombstonePrefix(tenant, at)}${event}.json`;
}

/** What the blob name of a tenant's tombstone list says: the day (yyyymmdd) and the event; null for any other name. */
export function parseTombstoneListPath(tenant: string, path: string): { day: string; event: string } | null {
  const prefix = tombstonePrefix(tenant, null);
  const [, day = '', event = ''] = /^(\d{8})\/(evt_[^/]*)\.json$/.exec(path.slice(prefix.length)) ?? [];
  return path.startsWith(prefix) && isId(event, 'evt') ? { day, event } : null;
}

/** Encodes a list. Throws `malformed` unless it has 1 to 100 recordings, ascending and each once. */
export function encodeTombstoneList({ tenant, event, leaf, erased }: TombstoneList, metadataKey: SecretKey): Buffer {
  if (!isInOrder(erased)) throw new VaultError('malformed', 'a tombstone list has 1 to 100 recordings, ascending');
  const members = erased.map(({ recording, natural }) =>
    natural === null ? { recording } : { recording, natural: toBase64(natural) },
  );
  return encodeBlob({ format: FORMAT, tenant, event, leaf, erased: members }, metadataKey, LIST_MAC);
}

/** Reads and verifies the list of this name. Throws for one that does not verify: nothing of it counts. */
export function openTombstoneList(
  tenant: string,
  path: string,
  bytes: Uint8Array,
  metadataKey: SecretKey,
): TombstoneList {
  const list = parseTombstoneList(tenant, path, bytes);
  verifyBlob(bytes, metadataKey, LIST_MAC);
  return list;
}

/** Reads the list of this name, except its MAC: trust nothing in it. Throws `malformed` or `format_unknown`. */
export function parseTombstoneList(tenant: string, path: string, bytes: Uint8Array): TombstoneList {
  if (bytes.length > MAX_TOMBSTONE_LIST) throw new VaultError('malformed', 'a tombstone list is at most 64 KiB long');
  const members = exactMembers(parseBlob(bytes), 'tombstone list', [
    'format',
    'tenant',
    'event',
    'leaf',
    'erased',
    'mac',
  ]);
  textMember(members, 'mac', MAC_PATTERN);
  const list = {
    tenant: textMember(members, 'tenant', /^ten_/),
    event: textMember(members, 'event', /^evt_/),
    leaf: textMember(members, 'leaf', /^[A-Za-z0-9+/]{43}=$/),
    erased: erasedMember(members['erased']),
  };
  // Throws for a second spelling of the same bytes.
  fromBase64(list.leaf);
  const named = list.tenant === tenant && list.event === parseTombstoneListPath(tenant, path)?.event;
  if (!named || !isInOrder(list.erased)) {
    throw new VaultError('malformed', 'the tombstone list is not the one that its name says');
  }
  return list;
}

function erasedMember(value: Json | undefined): readonly ErasedRecording[] {
  if (!Array.isArray(value)) throw new VaultError('malformed', 'erased is not a list');
  return (value as readonly Json[]).map((one) => {
    const known = typeof one === 'object' && one !== null && Object.hasOwn(one, 'natural');
    const members = exactMembers(one, 'an erased recording', known ? ['recording', 'natural'] : ['recording']);
    const recording = textMember(members, 'recording', /^rec_[0-7][0-9a-hjkmnp-tv-z]{25}$/);
    const natural = known ? fromBase64(textMember(members, 'natural', /^[A-Za-z0-9+/]{22}==$/)) : null;
    return { recording, natural };
  });
}

function isInOrder(erased: readonly ErasedRecording[]): boolean {
  const ascending = erased.every(({ recording }, n) => n === 0 || (erased[n - 1]?.recording ?? '') < recording);
  return erased.length > 0 && erased.length <= MAX_LISTED && ascending;
}
