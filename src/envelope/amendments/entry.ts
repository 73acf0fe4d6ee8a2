// An amendment entry: a later change of a subject, sealed, chained to the entry before it, and under a MAC.
import { fromBase64, toBase64 } from '../../bytes/base64.ts';
import { canonicalBytes, type Json, parseCanonicalObject } from '../../bytes/canonical-json.ts';
import { info } from '../../bytes/derivation.ts';
import { sha256 } from '../../bytes/digest.ts';
import { isId } from '../../bytes/ids.ts';
import { isUtcTime } from '../../bytes/utc-time.ts';
import { VaultError } from '../../errors.ts';
import { FORMAT, MAC_PATTERN, macOf, parseBlob, TIME_PATTERN, verifyBlob } from '../authenticated-json.ts';
import { bytesMember, exactMembers, textMember, wholeMember } from '../json-members.ts';
import { freshSalt, openMessage, sealMessage } from '../message.ts';
import { type SecretKey, withDerived } from '../secret-key.ts';
import { type EntryName, entryPath, MAX_ENTRY_NUMBER, parseEntryPath, type StreamId } from './entry-name.ts';

/** Maximum size of an entry's blob, and of its body in clear, in bytes. */
export const MAX_ENTRY = 65_536;
export const MAX_BODY = 32_768;
/** How deep objects and lists of a body are nested at most, the body itself counted: readers walk it by recursion. */
const MAX_LEVELS = 64;

const AMENDMENT = 'callvault/amendment@v1';
const AMENDMENT_MAC = 'callvault/amendment-mac@v1';

/** `prev` of the first entry: base64 of 64 zero bytes. */
const NO_ENTRY_BEFORE = toBase64(Buffer.alloc(64));

/** A body: an object whose members only its op explains. */
export type Body = { readonly [name: string]: Json };

/** What the next entry of a stream is chained to: the last one's number, time and MAC (base64). */
export type Tail = { readonly n: number; readonly at: string; readonly mac: string };

/** An entry's members. `sealed` is the body under the amendment key. */
export type Entry = StreamId & Tail & { readonly event: string; readonly prev: string; readonly sealed: Uint8Array };

/** A change to write: `event` is the id of the event that it writes, minted before. */
export type NewEntry = StreamId & { readonly event: string; readonly body: Body };

/** A sealed entry: its blob name, number, time, MAC and bytes. */
export type SealedEntry = Tail & { readonly path: string; readonly bytes: Buffer };

/**
 * Seals the entry after `tail` (null for the first). `now` is read after the subject's row is locked; an entry is never
 * earlier than the one before it. Throws `metadata_invalid` over 32 KiB, `conflict` after the last number, `malformed`
 * for a body that readers reject. Only tests pass the salt.
 */
export function sealEntry(
  metadataKey: SecretKey,
  { tenant, subject, event, body }: NewEntry,
  tail: Tail | null,
  now: string,
  salt = freshSalt(),
): SealedEntry {
  const n = (tail?.n ?? 0) + 1;
  if (n > MAX_ENTRY_NUMBER)
    throw new VaultError('conflict', 'this can no longer be changed: its entries have no number left');
  if (!hasPlainValues(body)) throw new VaultError('malformed', 'a body has whole numbers and at most 64 levels');
  const bytes = canonicalBytes(body);
  if (bytes.length > MAX_BODY) throw new VaultError('metadata_invalid', 'the change is longer than 32 KiB');
  const at = tail !== null && tail.at > now ? tail.at : now;
  const sealed = withDerived(metadataKey, [AMENDMENT], 32, (key) =>
    sealMessage(key, bodyContext({ tenant, subject, n, event }), bytes, salt),
  );
  const prev = tail?.mac ?? NO_ENTRY_BEFORE;
  const blob = { format: FORMAT, tenant, subject, n, at, event, prev, sealed: toBase64(sealed) };
  const path = entryPath({ tenant, subject }, n, at);
  const mac = withDerived(metadataKey, [AMENDMENT_MAC], 64, (key) => macOf(key, blob));
  return { path, n, at, mac, bytes: canonicalBytes({ ...blob, mac }) };
}

/**
 * Reads an entry and verifies everything but its body: form, name, MAC, and that it follows `tail`. Throws `malformed`,
 * `integrity`, and `format_unknown` for a later format.
 */
export function verifyEntry(metadataKey: SecretKey, name: EntryName, bytes: Uint8Array, tail: Tail | null): Entry {
  const entry = parseEntry(name, bytes);
  verifyBlob(bytes, metadataKey, AMENDMENT_MAC);
  if (entry.prev !== (tail?.mac ?? NO_ENTRY_BEFORE) || (tail !== null && entry.at < tail.at)) {
    throw new VaultError('integrity', 'the entry does not follow the one before it');
  }
  return entry;
}

/**
 * What follows the last entry of a stream, from its row: form, identity and MAC are verified, the entries before it are
 * not read. Throws as `verifyEntry`.
 */
export function readTail(metadataKey: SecretKey, stream: StreamId, n: number, at: string, bytes: Uint8Array): Tail {
  const name = parseEntryPath(entryPath(stream, n, at));
  if (name === null) throw new VaultError('malformed', 'not the identity of an entry');
  const entry = parseEntry(name, bytes);
  verifyBlob(bytes, metadataKey, AMENDMENT_MAC);
  return { n, at: entry.at, mac: entry.mac };
}

/** Opens the body of a verified entry. Throws `integrity`, or `malformed` unless it is a canonical object within its limits. */
export function openBody(metadataKey: SecretKey, entry: Entry): Body {
  const bytes = withDerived(metadataKey, [AMENDMENT], 32, (key) => openMessage(key, bodyContext(entry), entry.sealed));
  if (bytes.length > MAX_BODY) throw new VaultError('malformed', 'a body is at most 32 KiB long');
  const body = parseCanonicalObject(bytes);
  if (!hasPlainValues(body)) throw new VaultError('malformed', 'a body has whole numbers and at most 64 levels');
  return body;
}

/** The digest of a stored entry: lower-case hex SHA-256 of its bytes, as in the leaf of its event. */
export function entryDigest(bytes: Uint8Array): string {
  return sha256(bytes).toString('hex');
}

function bodyContext({ tenant, subject, n, event }: StreamId & { readonly n: number; readonly event: string }): Buffer {
  return info(AMENDMENT, tenant, subject, String(n), event);
}

const MEMBERS = ['format', 'tenant', 'subject', 'n', 'at', 'event', 'prev', 'sealed', 'mac'];

function parseEntry(name: EntryName, bytes: Uint8Array): Entry {
  if (bytes.length > MAX_ENTRY) throw new VaultError('malformed', 'an entry is at most 64 KiB long');
  const members = exactMembers(parseBlob(bytes), 'entry', MEMBERS);
  const entry = {
    tenant: textMember(members, 'tenant', /^ten_/),
    subject: textMember(members, 'subject', /^(rec|hld|ten)_/),
    n: wholeMember(members, 'n', 1),
    at: textMember(members, 'at', TIME_PATTERN),
    event: textMember(members, 'event', /^evt_/),
    prev: textMember(members, 'prev', MAC_PATTERN),
    sealed: bytesMember(members, 'sealed'),
    mac: textMember(members, 'mac', MAC_PATTERN),
  };
  // One form of base64: the last character of 64 bytes has four bits that say nothing.
  for (const text of [entry.prev, entry.mac]) fromBase64(text);
  const { tenant, subject } = entry;
  const named = tenant === name.tenant && subject === name.subject && entry.n === name.n && isUtcTime(entry.at);
  if (!named || !isId(entry.event, 'evt') || entryPath(entry, entry.n, entry.at) !== name.path) {
    throw new VaultError('malformed', 'the entry is not the one that its name says');
  }
  return entry;
}

/** Whether all numbers are whole and below 2^53, and nothing is nested too deeply. */
function hasPlainValues(value: Json | undefined, level = 1): boolean {
  if (typeof value === 'number') return Number.isSafeInteger(value);
  if (typeof value !== 'object' || value === null) return true;
  return level <= MAX_LEVELS && Object.values(value).every((inner: Json) => hasPlainValues(inner, level + 1));
}
