// Ids: a prefix for the kind, then a UUIDv7 (RFC 9562) as 26 lower-case Crockford base32 characters.
import { randomInt, randomUUID } from 'node:crypto';
import { uuidv7, uuidv7obj } from 'uuidv7';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** Kinds of id, by prefix. */
export type IdKind =
  | 'ten'
  | 'usr'
  | 'svc'
  | 'key'
  | 'rec'
  | 'obj'
  | 'dep'
  | 'req'
  | 'grt'
  | 'ses'
  | 'evt'
  | 'pol'
  | 'sgn'
  | 'lnk'
  | 'pky'
  | 'cmt'
  | 'hld'
  | 'ret'
  | 'ntc'
  | 'wdr'
  | 'chg'
  | 'sub'
  | 'prf'
  | 'tea'
  | 'bat'
  | 'ink';

/** Encodes 16 bytes, big-endian, as 26 characters. */
function crockford(bytes: Uint8Array): string {
  let text = '';
  // 26 characters are 130 bits: two of padding come first.
  let [value, bits] = [0, 2];
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xfff;
    for (bits += 8; bits >= 5; ) {
      bits -= 5;
      text += ALPHABET.charAt((value >> bits) & 31);
    }
  }
  return text;
}

function textOf(value: bigint): string {
  let text = '';
  for (let left = value, i = 0; i < 26; i++, left >>= 5n) text = ALPHABET.charAt(Number(left & 31n)) + text;
  return text;
}

/** A new id of the given kind. Ids from one process sort by creation time. */
export function newId(kind: IdKind): string {
  return `${kind}_${crockford(uuidv7obj().bytes)}`;
}

/** A new id of the given kind whose creation time is `milliseconds` since 1970. */
export function newIdAt(kind: IdKind, milliseconds: number): string {
  const bytes = Buffer.from(uuidv7obj().bytes);
  bytes.writeUIntBE(milliseconds, 0, 6);
  return `${kind}_${crockford(bytes)}`;
}

/**
 * A new id of the given kind that sorts after another one of it, whatever the clock says: of versions, the greatest id is
 * the newest. `than` null: there is none before it.
 */
export function newIdAfter(kind: IdKind, than: string | null): string {
  const id = newId(kind);
  return than === null || id > than ? id : newIdAt(kind, idTime(than) + 1);
}

/** Whether a text is a well-formed id of one of these kinds. */
export function isId(text: string, ...kinds: readonly IdKind[]): boolean {
  return kinds.some((kind) => text.startsWith(`${kind}_`)) && isAnyId(text);
}

/** Whether a text is a well-formed id of any kind. */
export function isAnyId(text: string): boolean {
  return /^[a-z]{3}_[0-7][0-9a-hjkmnp-tv-z]{25}$/.test(text);
}

/** The creation time of an id in milliseconds since 1970; NaN for a text that is not an id. */
export function idTime(id: string): number {
  // Ten characters are 50 bits: two of padding, then the 48-bit time.
  const digits = [...id.slice(4, 14)].map((character) => ALPHABET.indexOf(character));
  return digits.length < 10 || digits.includes(-1) ? Number.NaN : digits.reduce((time, digit) => time * 32 + digit, 0);
}

/** The UUID of an id, in its text form. Throws RangeError for a text that is not an id. */
export function idUuid(id: string): string {
  if (!isAnyId(id)) throw new RangeError('not an id');
  const hex = numberOf(id).toString(16).padStart(32, '0');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** The id of a UUID in its text form, lower-case; null for any other text. */
export function idOfUuid(kind: IdKind, uuid: string): string | null {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(uuid)) return null;
  return `${kind}_${crockford(Buffer.from(uuid.replaceAll('-', ''), 'hex'))}`;
}

/** A new id of a tenant KEK. */
export function newTenantKekId(): string {
  return `tenant-kek/${uuidv7()}`;
}

/** Whether a text is a well-formed id of a tenant KEK. */
export function isTenantKekId(text: string): boolean {
  return /^tenant-kek\/[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(text);
}

/** A random id between two ids of one kind: a starting point for sampling. */
export function idBetween(first: string, last: string): string {
  const [low, high] = [numberOf(first), numberOf(last)];
  const share = BigInt(randomInt(2 ** 32));
  return `${first.slice(0, 4)}${textOf(low + ((high - low) * share) / 2n ** 32n)}`;
}

function numberOf(id: string): bigint {
  return [...id.slice(4)].reduce((value, character) => value * 32n + BigInt(ALPHABET.indexOf(character)), 0n);
}

/** A new request id (a UUID). */
export function newRequestId(): string {
  return randomUUID();
}

/** A new operation nonce of 26 characters: every store write carries one, so that a repeated write recognises its own blob. */
export function newOperationNonce(): string {
  return newId('dep').slice(4);
}
