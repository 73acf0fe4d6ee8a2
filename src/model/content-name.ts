// Names of well-known formats by their first bytes: for transcripts without a declared type, and for errors.

/** The start of a WebVTT file. */
export const WEBVTT_START = /^\uFEFF?WEBVTT([ \t\r\n]|$)/;
/** The start of an SRT file: the times of a cue, mostly after its number. The console reads the same times. */
export const SRT_START =
  /^\s*(?:-?\d+[ \t]*[\r\n]\s*)?-?(?:\d+:)?\d{1,2}:\d{1,2}(?:[.,]\d{1,3})?[ \t]*-->[ \t]*-?(?:\d+:)?\d{1,2}:\d{1,2}/;
const JSON_START = /^\s*(?:\{\s*["}]|\[\s*[[{"\]])/;

/** How many bytes are looked at. */
const HEAD = 65_536;

type Signature = readonly [name: string, ...marks: readonly (readonly [offset: number, bytes: string])[]];

/** In order: the first match names the content. Bytes are written as Latin-1. */
const SIGNATURES: readonly Signature[] = [
  ['WAV', [0, 'RIFF'], [8, 'WAVE']],
  ['AVI', [0, 'RIFF'], [8, 'AVI ']],
  ['RF64', [0, 'RF64']],
  ['Wave64', [0, 'riff\x2e\x91\xcf\x11']],
  ['AIFF', [0, 'FORM'], [8, 'AIF']],
  ['AU', [0, '.snd']],
  ['CAF', [0, 'caff']],
  ['AMR', [0, '#!AMR']],
  ['SILK', [0, '#!SILK']],
  // WeChat writes a byte before it.
  ['SILK', [1, '#!SILK']],
  ['Ogg', [0, 'OggS']],
  ['FLAC', [0, 'fLaC']],
  ['MP3', [0, 'ID3']],
  ...['heic', 'heix', 'heim', 'heis', 'mif1', 'msf1', 'avif', 'avis'].map(
    (brand): Signature => ['HEIF', [4, `ftyp${brand}`]],
  ),
  ['MP4', [4, 'ftyp']],
  ['Matroska', [0, '\x1a\x45\xdf\xa3']],
  ['ASF', [0, '\x30\x26\xb2\x75']],
  ['MIDI', [0, 'MThd']],
  ['ZIP', [0, 'PK\x03\x04']],
  ['gzip', [0, '\x1f\x8b']],
  ['PDF', [0, '%PDF-']],
  ['JPEG', [0, '\xff\xd8\xff']],
  ['PNG', [0, '\x89PNG']],
  ['GIF', [0, 'GIF8']],
  ['UTF-16', [0, '\xff\xfe']],
  ['UTF-16', [0, '\xfe\xff']],
];

const TEXTS: readonly (readonly [name: TranscriptForm | 'HTML' | 'XML', start: RegExp])[] = [
  ['WebVTT', WEBVTT_START],
  ['SRT', SRT_START],
  ['JSON', JSON_START],
  ['HTML', /^\s*<(?:!doctype\s+html|html|head|body)\b/i],
  ['XML', /^\s*<\?xml\s/i],
];

/** The forms of a transcript. */
export type TranscriptForm = 'WebVTT' | 'SRT' | 'JSON';

/** The name of the format that the first bytes show; null where it is none of these. Never a part of the content. */
export function contentNameOf(bytes: Uint8Array): string | null {
  const head = bytes.subarray(0, HEAD);
  const start = Buffer.from(head.subarray(0, 16)).toString('latin1');
  const binary = SIGNATURES.find(([, ...marks]) => marks.every(([offset, text]) => start.startsWith(text, offset)));
  if (binary !== undefined) return binary[0];
  // An ADTS frame: sync word, layer 0.
  if (head[0] === 0xff && ((head[1] ?? 0) & 0xf6) === 0xf0) return 'AAC (ADTS)';
  const text = new TextDecoder().decode(head);
  return TEXTS.find(([, pattern]) => pattern.test(text))?.[0] ?? null;
}
