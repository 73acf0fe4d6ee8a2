// Transcripts: checked before they are taken, and kept as the bytes that came.
import { type FieldError, VaultError } from '../errors.ts';

/** The two media types of a transcript, and its bytes at most. */
export const TRANSCRIPT_JSON = 'application/vnd.callvault.transcript+json';
export const TRANSCRIPT_VTT = 'text/vtt';
export const MAX_TRANSCRIPT = 7 * 1024 * 1024;

/** Throws `transcript_invalid` with the first wrong places, or `media_type_unsupported`; never with a word of the text. */
export function checkTranscript(type: string, bytes: Uint8Array, language: string): void {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new VaultError('transcript_invalid', 'the transcript is not UTF-8', { cause });
  }
  if (type === TRANSCRIPT_VTT) checkVtt(text);
  else if (type === TRANSCRIPT_JSON) checkJson(text, language);
  else throw new VaultError('media_type_unsupported', 'this media type of transcript is not taken');
}

function checkVtt(text: string): void {
  if (!/^\uFEFF?WEBVTT([ \t\r\n]|$)/.test(text))
    throw new VaultError('transcript_invalid', 'the transcript does not begin as WebVTT');
}

const MOST_ERRORS = 10;

function checkJson(text: string, language: string): void {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new VaultError('transcript_invalid', 'the transcript is not JSON', { cause });
  }
  const fields: FieldError[] = [];
  const wrong = (pointer: string, detail: string): void => {
    if (fields.length < MOST_ERRORS) fields.push({ pointer, detail });
  };
  const root = members(value, '', ['v', 'language', 'segments'], wrong);
  if (root['v'] !== 1) wrong('/v', 'must be 1');
  if (root['language'] !== language) wrong('/language', 'must be the language of the path');
  if (Array.isArray(root['segments'])) {
    for (const [n, segment] of root['segments'].entries()) {
      if (fields.length >= MOST_ERRORS) break;
      checkSegment(segment, `/segments/${n}`, wrong);
    }
  } else wrong('/segments', 'must be a list');
  if (fields.length > 0) throw new VaultError('transcript_invalid', 'the transcript is not valid', { fields });
}

type Wrong = (pointer: string, detail: string) => void;

function checkSegment(value: unknown, at: string, wrong: Wrong): void {
  const segment = members(value, at, ['start_ms', 'end_ms', 'channel', 'text', 'words'], wrong);
  checkSpan(segment, at, wrong);
  if (!isWhole(segment['channel']) || segment['channel'] > 63) wrong(`${at}/channel`, 'must be a channel number');
  const { words } = segment as { words?: unknown };
  if (words === undefined) return;
  if (!Array.isArray(words)) {
    wrong(`${at}/words`, 'must be a list');
    return;
  }
  words.forEach((word: unknown, n) => {
    const spot = `${at}/words/${n}`;
    checkSpan(members(word, spot, ['start_ms', 'end_ms', 'text'], wrong), spot, wrong);
  });
}

function checkSpan(span: Readonly<Record<string, unknown>>, at: string, wrong: Wrong): void {
  const { start_ms: start, end_ms: end, text } = span as { start_ms?: unknown; end_ms?: unknown; text?: unknown };
  if (!isWhole(start)) wrong(`${at}/start_ms`, 'must be a whole number of milliseconds');
  if (!isWhole(end) || (isWhole(start) && end < start))
    wrong(`${at}/end_ms`, 'must be a whole number not before start_ms');
  if (typeof text !== 'string') wrong(`${at}/text`, 'must be text');
}

function isWhole(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function members(
  value: unknown,
  at: string,
  known: readonly string[],
  wrong: Wrong,
): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    wrong(at, 'must be an object');
    return {};
  }
  for (const name of Object.keys(value)) if (!known.includes(name)) wrong(at, 'has an unknown member');
  return value as Readonly<Record<string, unknown>>;
}
