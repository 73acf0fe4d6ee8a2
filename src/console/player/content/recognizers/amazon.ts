// Transcripts of Contact Lens (and Transcribe Call Analytics, which has the same shape) and of Amazon Transcribe.
import { type Cue, channelVoice, namedVoice, type Voice } from '../cues.ts';
import { BRACKETS } from '../line-parts.ts';
import { listOf, memberOf, numberOf, spanOf, textOf } from './json-values.ts';
import { linesOfWords, type SaidWord } from './word-lines.ts';

/** Lines of Contact Lens: by the participant's role, with the times of what was redacted. */
export function readContactLens(value: unknown): Cue[] {
  const roles = new Map(
    listOf(value, 'Participants').flatMap((one): [string, string][] => {
      const [id, role] = [textOf(one, 'ParticipantId'), textOf(one, 'ParticipantRole')];
      return id === null || role === null ? [] : [[id, role]];
    }),
  );
  const voices = new Map<string, number>();
  return listOf(value, 'Transcript').flatMap((one): Cue[] => {
    const span = spanIn(one);
    const text = textOf(one, 'Content');
    if (span === null || text === null) return [];
    const id = textOf(one, 'ParticipantId') ?? '';
    const role = textOf(one, 'ParticipantRole') ?? roles.get(id) ?? id;
    const words = listOf(one, 'Items').flatMap(wordIn);
    const voice = namedVoice(role === '' ? undefined : role, voices);
    return [{ ...span, ...voice, text, words: words.length > 0 ? words : redactedIn(one, text) }];
  });
}

function spanIn(value: unknown): { readonly start: number; readonly end: number } | null {
  return spanOf(numberOf(value, 'BeginOffsetMillis'), numberOf(value, 'EndOffsetMillis'), 1);
}

function wordIn(value: unknown): Cue['words'] {
  const [span, text] = [spanIn(value), textOf(value, 'Content')];
  return span === null || text === null ? [] : [{ ...span, text }];
}

/** The placeholders of a redacted text with their times, where each has one. */
function redactedIn(value: unknown, text: string): Cue['words'] {
  const spans = listOf(value, 'Redaction', 'RedactedTimestamps').flatMap((one) => spanIn(one) ?? []);
  const labels = [...text.matchAll(BRACKETS)].map(([label]) => label);
  return spans.length !== labels.length ? [] : spans.map((span, n) => ({ ...span, text: labels[n] ?? '' }));
}

/** Lines of Amazon Transcribe: by channel, or by the speaker. */
export function readTranscribe(value: unknown): Cue[] {
  const results = memberOf(value, 'results');
  const channels = listOf(results, 'channel_labels', 'channels');
  if (channels.length > 0) {
    return channels.flatMap((one, n) => {
      const channel = Number(/^ch_(\d{1,2})$/.exec(textOf(one, 'channel_label') ?? '')?.[1] ?? n);
      return linesOfWords(itemsIn(listOf(one, 'items'), () => channelVoice(channel)));
    });
  }
  const speakers = new Map(
    listOf(results, 'speaker_labels', 'segments').flatMap((segment) =>
      listOf(segment, 'items').map((item) => [textOf(item, 'start_time'), textOf(item, 'speaker_label')] as const),
    ),
  );
  const voices = new Map<string, number>();
  const voiceOf = (item: unknown): Voice =>
    namedVoice(textOf(item, 'speaker_label') ?? speakers.get(textOf(item, 'start_time')) ?? undefined, voices);
  return linesOfWords(itemsIn(listOf(results, 'items'), voiceOf));
}

function itemsIn(items: readonly unknown[], voiceOf: (item: unknown) => Voice): SaidWord[] {
  const words: SaidWord[] = [];
  for (const item of items) {
    const text = textOf(listOf(item, 'alternatives')[0], 'content');
    if (text === null) continue;
    const before = words.at(-1);
    const span = spanOf(numberOf(item, 'start_time'), numberOf(item, 'end_time'), 0.001);
    if (span !== null) words.push({ ...span, text, ...voiceOf(item) });
    // Punctuation has no time.
    else if (before !== undefined) words.push({ ...before, start: before.end, text, attached: true });
  }
  return words;
}
