// The media types of transcripts: their spellings, and the type that the content decides.
import { VaultError } from '../errors.ts';
import { contentNameOf } from './content-name.ts';

/** The media types of a transcript, as stored and served. */
export const TRANSCRIPT_JSON = 'application/vnd.callvault.transcript+json';
/** JSON of a speech recognizer. As a declared type: JSON of any of the forms. */
export const TRANSCRIPT_ANY_JSON = 'application/json';
export const TRANSCRIPT_VTT = 'text/vtt';
export const TRANSCRIPT_SRT = 'application/x-subrip';

/** Other spellings: SRT has no registered type. */
const ALIASES: ReadonlyMap<string, string> = new Map([['text/srt', TRANSCRIPT_SRT]]);
/** Types that leave it to the content: they say nothing about a transcript. */
const UNDECIDED_TYPES: readonly string[] = ['text/plain', 'application/octet-stream'];

/** All accepted spellings, the stored ones first. */
export const TRANSCRIPT_TYPES: readonly string[] = [
  ...[TRANSCRIPT_JSON, TRANSCRIPT_ANY_JSON, TRANSCRIPT_VTT, TRANSCRIPT_SRT, ...ALIASES.keys()],
  ...UNDECIDED_TYPES,
];

const TYPE_OF_CONTENT: ReadonlyMap<string | null, string> = new Map([
  ['JSON', TRANSCRIPT_ANY_JSON],
  ['WebVTT', TRANSCRIPT_VTT],
  ['SRT', TRANSCRIPT_SRT],
]);

/**
 * The type of a transcript, from its declared type (null: none) and its first bytes: the stored one, or
 * `TRANSCRIPT_ANY_JSON`, of which `checkTranscript` finds the stored one. Throws `media_type_unsupported` where the
 * content has to decide and is no transcript.
 */
export function transcriptTypeOf(declared: string | null, head: Uint8Array): string {
  const alias = declared === null ? undefined : ALIASES.get(declared);
  if (alias !== undefined) return alias;
  if (declared !== null && !UNDECIDED_TYPES.includes(declared)) return declared;
  const found = contentNameOf(head);
  const type = TYPE_OF_CONTENT.get(found);
  if (type !== undefined) return type;
  throw new VaultError('media_type_unsupported', 'the body is no transcript of a known type', {
    accepts: TRANSCRIPT_TYPES,
    formats: ['JSON', 'WebVTT', 'SRT'],
    found,
  });
}
