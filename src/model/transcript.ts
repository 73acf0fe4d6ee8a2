// Transcript validation; the vault stores the received bytes unchanged.
import { type FieldError, hasCode, VaultError } from '../errors.ts';
import { SRT_START, WEBVTT_START } from './content-name.ts';
import { LONG, readJson, type Scalar } from './json-reader.ts';
import { readShape } from './transcript-shapes.ts';
import {
  TRANSCRIPT_ANY_JSON,
  TRANSCRIPT_JSON,
  TRANSCRIPT_SRT,
  TRANSCRIPT_TYPES,
  TRANSCRIPT_VTT,
} from './transcript-types.ts';

/** Maximum size of a transcript in bytes. */
export const MAX_TRANSCRIPT = 7 * 1024 * 1024;

/** Slice size in bytes: validation yields to other work after each slice. */
export const TRANSCRIPT_SLICE = 65_536;

/**
 * Validates a transcript slice by slice, with a pause after each, and returns the media type to store. Throws
 * `transcript_invalid` with the first invalid fields, or `media_type_unsupported`; errors never contain a word of the
 * text.
 */
export async function checkTranscript(
  type: string,
  bytes: Uint8Array,
  language: string,
  pause: () => Promise<void>,
): Promise<string> {
  const any = type === TRANSCRIPT_ANY_JSON;
  if (any && (await isOfRecognizer(bytes, pause))) return TRANSCRIPT_ANY_JSON;
  const check = checkerOf(any ? TRANSCRIPT_JSON : type, language);
  if (check === null)
    throw new VaultError('media_type_unsupported', 'transcripts of this media type are not accepted', {
      accepts: TRANSCRIPT_TYPES,
    });
  await pushSlices(check, bytes, pause);
  check.finish();
  return any ? TRANSCRIPT_JSON : type;
}

/** Whether a text is JSON of a recognizer. Throws `transcript_invalid` where it is, and none of its words can be shown. */
async function isOfRecognizer(bytes: Uint8Array, pause: () => Promise<void>): Promise<boolean> {
  const shape = readShape();
  try {
    await pushSlices(shape, bytes, pause);
    shape.finish();
  } catch (error) {
    // The check of callvault's own form reports what is wrong.
    if (error instanceof SyntaxError || error instanceof RangeError || hasCode(error, 'transcript_invalid'))
      return false;
    throw error;
  }
  const found = shape.found();
  if (found === null) return false;
  if (!found.words)
    throw new VaultError('transcript_invalid', `the transcript looks like one of ${found.name}, without times or text`);
  return true;
}

async function pushSlices(
  { push }: Pick<TranscriptChecker, 'push'>,
  bytes: Uint8Array,
  pause: () => Promise<void>,
): Promise<void> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  for (let at = 0; at < bytes.length; at += TRANSCRIPT_SLICE) {
    push(decoded(decoder, bytes.subarray(at, at + TRANSCRIPT_SLICE), at + TRANSCRIPT_SLICE < bytes.length));
    await pause();
  }
}

function decoded(decoder: TextDecoder, bytes: Uint8Array, stream: boolean): string {
  try {
    return decoder.decode(bytes, { stream });
  } catch (cause) {
    throw new VaultError('transcript_invalid', 'the transcript is not UTF-8', { cause });
  }
}

type TranscriptChecker = { readonly push: (text: string) => void; readonly finish: () => void };

function checkerOf(type: string, language: string): TranscriptChecker | null {
  if (type === TRANSCRIPT_JSON) return jsonCheck(language);
  if (type === TRANSCRIPT_VTT) return startCheck(WEBVTT_START, 'the transcript does not begin with WEBVTT');
  if (type === TRANSCRIPT_SRT) return startCheck(SRT_START, 'the transcript does not begin with an SRT cue');
  return null;
}

/** WebVTT and SRT: checks the start only; players parse the cues. */
function startCheck(start: RegExp, fault: string): TranscriptChecker {
  let begun = false;
  return {
    push: (text) => {
      if (!begun && !start.test(text)) throw new VaultError('transcript_invalid', fault);
      begun = true;
    },
    finish: () => undefined,
  };
}

const MOST_ERRORS = 10;
/** Maximum nesting; a valid transcript has five levels. */
const DEEPEST = 8;

type Wrong = (member: string, detail: string) => void;
/** The value of a member, or a mark for a list or an object. */
type Values = Readonly<Record<string, Scalar | typeof HELD | undefined>>;
const HELD: unique symbol = Symbol('a list or an object');

/** The shape of a value: an object of known members, a list, or a scalar that its object checks. */
type Shape =
  | {
      readonly kind: 'object';
      readonly members: ReadonlyMap<string, Shape>;
      readonly check: (values: Values, wrong: Wrong) => void;
    }
  | { readonly kind: 'list'; readonly items: Shape }
  | { readonly kind: 'plain' };

const PLAIN: Shape = { kind: 'plain' };
const SPAN = [
  ['start_ms', PLAIN],
  ['end_ms', PLAIN],
  ['text', PLAIN],
] as const;
const WORD: Shape = { kind: 'object', members: new Map(SPAN), check: checkSpan };
const SEGMENT: Shape = {
  kind: 'object',
  members: new Map<string, Shape>([...SPAN, ['channel', PLAIN], ['words', { kind: 'list', items: WORD }]]),
  check: (values, wrong) => {
    checkSpan(values, wrong);
    const { channel } = values as { channel?: unknown };
    if (!isWhole(channel) || channel > 63) wrong('channel', 'must be a channel number');
  },
};

function transcriptIn(language: string): Shape {
  return {
    kind: 'object',
    members: new Map<string, Shape>([
      ['v', PLAIN],
      ['language', PLAIN],
      ['segments', { kind: 'list', items: SEGMENT }],
    ]),
    check: (values, wrong) => {
      if (values['v'] !== 1) wrong('v', 'must be 1');
      if (values['language'] !== language) wrong('language', 'must be the language of the path');
      if (values['segments'] === undefined) wrong('segments', 'must be a list');
    },
  };
}

/** An open list or object: its shape (null where nothing inside is checked) and the position in it. */
type OpenElement = {
  readonly shape: Shape | null;
  name: string;
  index: number;
  readonly values: Record<string, Values[string]>;
};

function jsonCheck(language: string): TranscriptChecker {
  const root = transcriptIn(language);
  const opened: OpenElement[] = [];
  const fields: FieldError[] = [];

  const invalid = (): VaultError => new VaultError('transcript_invalid', 'the transcript is not valid', { fields });
  const wrongAt = (pointer: string, detail: string): void => {
    fields.push({ pointer, detail });
    if (fields.length === MOST_ERRORS) throw invalid();
  };
  /** The shape of the next value; null where it does not matter. */
  const next = (found: Values[string]): Shape | null => {
    const around = opened.at(-1);
    if (around === undefined) return root;
    if (around.shape?.kind === 'list') {
      around.index++;
      return around.shape.items;
    }
    const shape = around.shape?.kind === 'object' ? (around.shape.members.get(around.name) ?? null) : null;
    if (shape !== null) around.values[around.name] = found;
    return shape;
  };
  const notThat = (shape: Shape | null): void => {
    if (shape?.kind === 'object') wrongAt(pointerTo(opened), 'must be an object');
    else if (shape?.kind === 'list') wrongAt(pointerTo(opened), 'must be a list');
  };

  const reader = readJson(
    {
      open: (kind) => {
        const shape = next(HELD);
        if (shape?.kind !== kind) notThat(shape);
        opened.push({ shape: shape?.kind === kind ? shape : null, name: '', index: -1, values: {} });
      },
      close: () => {
        const { shape, values } = opened.pop() as OpenElement;
        if (shape?.kind === 'object')
          shape.check(values, (member, detail) => wrongAt(`${pointerTo(opened)}/${member}`, detail));
      },
      name: (name) => {
        const around = opened.at(-1) as OpenElement;
        const { shape } = around;
        const known = name !== LONG && shape?.kind === 'object' && shape.members.has(name);
        around.name = known ? name : '';
        // The error must not contain the member's name: it may be personal.
        if (shape !== null && !known) wrongAt(pointerTo(opened.slice(0, -1)), 'has an unknown member');
      },
      scalar: (value) => notThat(next(value)),
    },
    DEEPEST,
  );
  const orNotJson = (work: () => void): void => {
    try {
      work();
    } catch (cause) {
      if (cause instanceof RangeError)
        throw new VaultError('transcript_invalid', 'the transcript is nested too deeply', { cause });
      if (cause instanceof SyntaxError)
        throw new VaultError('transcript_invalid', 'the transcript is not JSON', { cause });
      throw cause;
    }
  };
  return {
    push: (text) => orNotJson(() => reader.push(text)),
    finish: () => {
      orNotJson(reader.finish);
      if (fields.length > 0) throw invalid();
    },
  };
}

/** The JSON pointer of the current value. */
function pointerTo(opened: readonly OpenElement[]): string {
  return opened.map(({ shape, name, index }) => `/${shape?.kind === 'list' ? index : name}`).join('');
}

function checkSpan(values: Values, wrong: Wrong): void {
  const { start_ms: start, end_ms: end, text } = values as { start_ms?: unknown; end_ms?: unknown; text?: unknown };
  if (!isWhole(start)) wrong('start_ms', 'must be a whole number of milliseconds');
  if (!isWhole(end) || (isWhole(start) && end < start)) wrong('end_ms', 'must be a whole number not before start_ms');
  if (typeof text !== 'string' && text !== LONG) wrong('text', 'must be text');
}

function isWhole(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
