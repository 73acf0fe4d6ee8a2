// Transcripts as speech recognizers write them in JSON: each has a shape that no other has, found in one pass.
import { type JsonReader, LONG, readJson, type Scalar } from './json-reader.ts';

/** Their recognizers. */
export type Recognizer =
  | 'Contact Lens'
  | 'Amazon Transcribe'
  | 'Google'
  | 'Azure'
  | 'Deepgram'
  | 'Genesys Cloud'
  | 'whisper.cpp'
  | 'Whisper';

/** A kind of value that a member must have; text may be too long to keep. */
type Kind = 'number' | 'text' | 'list' | 'object';

/** `list`: the path that identifies the format. `said`: the objects that hold the words, of which one must have these members. */
type Form = {
  readonly name: Recognizer;
  readonly list: string;
  readonly said: string;
  readonly needs: Readonly<Record<string, readonly Kind[]>>;
};

const NUMBERS: readonly Kind[] = ['number', 'text'];

/** In paths, `*` is an element of a list. The last form also fits callvault's own transcripts, which name `start_ms`. */
const FORMS: readonly Form[] = [
  form('Contact Lens', '/Transcript', '/Transcript/*', {
    BeginOffsetMillis: ['number'],
    EndOffsetMillis: ['number'],
    Content: ['text'],
  }),
  form('Amazon Transcribe', '/results/items', '/results/items/*', {
    start_time: NUMBERS,
    end_time: NUMBERS,
    alternatives: ['list'],
  }),
  form('Deepgram', '/results/channels', '/results/channels/*/alternatives/*/words/*', {
    start: ['number'],
    end: ['number'],
    word: ['text'],
  }),
  form('Google', '/results', '/results/*/alternatives/*', { transcript: ['text'] }),
  form('Google', '/response/results', '/response/results/*/alternatives/*', { transcript: ['text'] }),
  form('Azure', '/recognizedPhrases', '/recognizedPhrases/*/nBest/*', { display: ['text'] }),
  form('Azure', '/phrases', '/phrases/*', { offsetMilliseconds: ['number'], text: ['text'] }),
  // developer.genesys.cloud, speech and text analytics, “Transcript URL”: all transcripts of a communication.
  form('Genesys Cloud', '/transcripts/*/phrases', '/transcripts/*/phrases/*', {
    startTimeMs: ['number'],
    text: ['text'],
  }),
  form('whisper.cpp', '/transcription', '/transcription/*', { offsets: ['object'], text: ['text'] }),
  form('Whisper', '/segments', '/segments/*', { start: ['number'], end: ['number'], text: ['text'] }),
];

function form(name: Recognizer, list: string, said: string, needs: Form['needs']): Form {
  return { name, list, said, needs };
}

/** All paths that lead to a list of a form or to its words. */
const PATHS: ReadonlySet<string> = new Set(
  FORMS.flatMap(({ list, said }) => [list, said]).flatMap((path) =>
    path.split('/').map((_, n, parts) => parts.slice(0, n + 1).join('/')),
  ),
);
const SAID: ReadonlyMap<string, Form> = new Map(FORMS.map((one) => [one.said, one]));

/** Maximum nesting; Deepgram's paragraphs have eleven levels. */
export const DEEPEST_SHAPE = 32;

export type ShapeReader = JsonReader & {
  /**
   * The recognizer once the text has ended; null where it is none of these. `words`: whether any has times and text;
   * true for an empty list.
   */
  readonly found: () => { readonly name: Recognizer; readonly words: boolean } | null;
};

type Open = { readonly path: string | null; readonly list: boolean; member: string; readonly kinds: Map<string, Kind> };

/**
 * Reads a JSON text in pieces and finds whose it is. It keeps no word. Throws as `readJson`.
 */
export function readShape(): ShapeReader {
  const lists = new Set<string>();
  /** Forms of which an object was seen, and whether one was whole. */
  const seen = new Map<Form, boolean>();
  const root = { versioned: false };
  const opened: Open[] = [];

  /** The path of the next value; null where no form leads. */
  const next = (kind: Kind | null): string | null => {
    const around = opened.at(-1);
    if (around === undefined) return '';
    if (around.path === null) return null;
    const needs = around.list ? undefined : SAID.get(around.path)?.needs;
    // Only members that a form needs: an object may have millions of others.
    if (kind !== null && needs !== undefined && Object.hasOwn(needs, around.member))
      around.kinds.set(around.member, kind);
    const path = `${around.path}/${around.list ? '*' : around.member}`;
    return PATHS.has(path) ? path : null;
  };
  const reader = readJson(
    {
      open: (kind) => {
        const path = next(kind);
        if (path !== null && kind === 'list') lists.add(path);
        opened.push({ path, list: kind === 'list', member: '', kinds: new Map() });
      },
      close: () => {
        const { path, list, kinds } = opened.pop() as Open;
        const one = path === null || list ? undefined : SAID.get(path);
        if (one === undefined) return;
        const whole = Object.entries(one.needs).every(([member, of]) => of.includes(kinds.get(member) ?? 'object'));
        seen.set(one, (seen.get(one) ?? false) || whole);
      },
      name: (name) => {
        const around = opened.at(-1) as Open;
        around.member = name === LONG || name.includes('/') ? '' : name;
        if (opened.length === 1 && name === 'v') root.versioned = true;
      },
      scalar: (value) => void next(kindOf(value)),
    },
    DEEPEST_SHAPE,
  );
  return {
    ...reader,
    found: () => {
      const one = root.versioned ? undefined : FORMS.find(({ list }) => lists.has(list));
      if (one === undefined) return null;
      return { name: one.name, words: seen.get(one) ?? true };
    },
  };
}

function kindOf(value: Scalar): Kind | null {
  if (value === LONG || typeof value === 'string') return 'text';
  return typeof value === 'number' && Number.isFinite(value) ? 'number' : null;
}
