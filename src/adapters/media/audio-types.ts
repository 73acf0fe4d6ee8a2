// The accepted audio types: their spellings on platforms, and their signatures.
import { VaultError } from '../../errors.ts';
import { contentNameOf } from '../../model/content-name.ts';
import { readMpegFrame } from './mpeg-frame.ts';
import { readWavLayout } from './wav.ts';

/** A type in its canonical spelling, as stored and served. */
export type AudioType = 'audio/wav' | 'audio/mpeg' | 'audio/ogg' | 'audio/flac' | 'audio/mp4';

/** The media type that says nothing about the bytes (RFC 2046, section 4.5.1). */
const UNKNOWN_TYPE = 'application/octet-stream';

/** Other spellings that platforms, browsers and `file --mime-type` use. */
const ALIASES: Readonly<Record<AudioType, readonly string[]>> = {
  'audio/wav': ['audio/x-wav', 'audio/wave', 'audio/vnd.wave', 'audio/x-pn-wav'],
  'audio/mpeg': ['audio/mp3', 'audio/x-mp3', 'audio/x-mpeg', 'audio/mpeg3'],
  'audio/ogg': ['audio/opus', 'audio/x-ogg', 'application/ogg', 'application/x-ogg'],
  'audio/flac': ['audio/x-flac'],
  'audio/mp4': ['audio/m4a', 'audio/x-m4a'],
};

const TYPES = Object.keys(ALIASES) as AudioType[];
const TYPE_OF_ALIAS: ReadonlyMap<string, AudioType> = new Map(
  TYPES.flatMap((type) => [type, ...ALIASES[type]].map((spelling) => [spelling, type] as const)),
);

/** What the types are called. */
const FORMATS = ['WAV', 'MP3', 'Ogg', 'FLAC', 'MP4'];

/** All accepted spellings: the canonical ones first, last the one that leaves it to the bytes. */
export const ACCEPTED_TYPES: readonly string[] = [...new Set([...TYPES, ...TYPE_OF_ALIAS.keys()]), UNKNOWN_TYPE];

const matchesAt = (bytes: Uint8Array, offset: number, text: string): boolean =>
  Buffer.from(bytes.subarray(offset, offset + text.length)).toString('latin1') === text;
const mpegSync = (bytes: Uint8Array): boolean => bytes[0] === 0xff && ((bytes[1] ?? 0) & 0xe6) === 0xe2;
/** Layer I is detected by an ID3 tag only: a UTF-16 byte order mark looks like one of its frames. */
const isLayerTwo = (bytes: Uint8Array): boolean =>
  ((bytes[1] ?? 0) & 0x06) === 0x04 && readMpegFrame(Buffer.from(bytes.subarray(0, 4))) !== null;

/** Whether the first bytes match a declared type. */
const SIGNATURES: Readonly<Record<AudioType, (head: Uint8Array) => boolean>> = {
  'audio/wav': (head) => readWavLayout(head) !== null,
  'audio/mpeg': (head) => matchesAt(head, 0, 'ID3') || mpegSync(head) || isLayerTwo(head),
  'audio/ogg': (head) => matchesAt(head, 0, 'OggS'),
  'audio/flac': (head) => matchesAt(head, 0, 'fLaC'),
  'audio/mp4': (head) => matchesAt(head, 4, 'ftyp'),
};

/** The type that the first bytes show by themselves. */
function typeFromSignature(head: Uint8Array): AudioType | undefined {
  return TYPES.find((type) => (type === 'audio/mpeg' ? isMpeg(head) : SIGNATURES[type](head)));
}

/**
 * The type of a body from its declared type and its first bytes. Throws `media_type_unsupported` or
 * `media_type_mismatch`.
 */
export function audioTypeOf(declared: string | null, head: Uint8Array): AudioType {
  const shown = typeFromSignature(head);
  if (declared === null || declared === UNKNOWN_TYPE) {
    const name = shown === undefined || shown === 'audio/mp4' ? contentNameOf(head) : null;
    // Pictures have the container of MP4.
    if (shown !== undefined && name !== 'HEIF') return shown;
    throw new VaultError('media_type_unsupported', 'the body is audio of no known type', {
      accepts: ACCEPTED_TYPES,
      formats: FORMATS,
      found: name === 'WAV' ? 'WAV (no fmt or data chunk)' : name,
    });
  }
  const type = TYPE_OF_ALIAS.get(declared);
  if (type === undefined)
    throw new VaultError('media_type_unsupported', 'this media type is not accepted', { accepts: ACCEPTED_TYPES });
  if (SIGNATURES[type](head)) return type;
  const instead = shown === undefined ? '' : `: its first bytes are those of ${shown}`;
  throw new VaultError('media_type_mismatch', `the body is not ${type}${instead}`);
}

/**
 * MPEG audio without a declared type: two consecutive frames of one kind, as far as the bytes reach. The eleven bits of
 * a single sync word occur in too many other files.
 */
function isMpeg(head: Uint8Array): boolean {
  if (matchesAt(head, 0, 'ID3')) return true;
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  const first = readMpegFrame(bytes);
  if (first === null) return false;
  if (first.bytes + 4 > bytes.length) return bytes.length >= first.bytes;
  return readMpegFrame(bytes, first.bytes)?.kind === first.kind;
}
