// Transcripts of Google Speech-to-Text (v1 and v2) and of Azure (batch and fast transcription).
import { type Cue, channelVoice, namedVoice } from '../cues.ts';
import { channelIn, listOf, memberOf, numberOf, spanOf, textOf } from './json-values.ts';
import { linesOfWords, type SaidWord } from './word-lines.ts';

/** Lines of Google: by channel, or by the speaker. */
export function readGoogle(value: unknown): Cue[] {
  const own = listOf(value, 'results');
  const results = own.length > 0 ? own : listOf(value, 'response', 'results');
  const spoken = results.map((result) => ({ result, best: listOf(result, 'alternatives')[0] }));
  // With speakers, v1 repeats all words in the last result, and only there it names them.
  const named = spoken.filter(({ best }) => listOf(best, 'words').some((word) => speakerOf(word) !== null));
  const repeated = named.length === 1 && named[0] === spoken.at(-1);
  const voices = new Map<string, number>();
  let behind = 0;
  return (repeated ? named : spoken).flatMap(({ result, best }): Cue[] => {
    // Channels are numbered from 1.
    const tag = channelIn(result, 'channelTag') ?? 0;
    const voice = channelVoice(tag === 0 ? null : tag - 1);
    const words = listOf(best, 'words').flatMap((word): SaidWord[] => {
      const span = spanOf(
        secondsOf(word, 'startTime', 'startOffset') ?? 0,
        secondsOf(word, 'endTime', 'endOffset'),
        0.001,
      );
      const [text, speaker] = [textOf(word, 'word'), speakerOf(word)];
      if (span === null || text === null) return [];
      return [{ ...span, text, ...(speaker === null ? voice : namedVoice(speaker, voices)) }];
    });
    const text = textOf(best, 'transcript')?.trim() ?? '';
    const end = secondsOf(result, 'resultEndTime', 'resultEndOffset');
    const [first, last] = [words[0], words.at(-1)];
    const start = behind;
    behind = Math.max(behind, (end ?? 0) * 1000, last?.end ?? 0);
    if (first === undefined || last === undefined) {
      const span = spanOf(start, (end ?? 0) * 1000, 1);
      return text === '' || span === null ? [] : [{ ...span, ...voice, text, words: [] }];
    }
    if (text === '' || words.some((word) => word.channel !== first.channel)) return linesOfWords(words);
    return [{ ...first, end: last.end, text, words }];
  });
}

function speakerOf(word: unknown): string | null {
  const label = textOf(word, 'speakerLabel');
  const tag = numberOf(word, 'speakerTag');
  if (label !== null && label !== '') return label;
  return tag === null || tag === 0 ? null : String(tag);
}

/** Seconds of a duration: `"1.400s"`, or the seconds and nanoseconds of Google's clients. */
function secondsOf(value: unknown, ...names: readonly string[]): number | null {
  for (const name of names) {
    const found = memberOf(value, name);
    const text = typeof found === 'string' ? /^(\d{1,9}(?:\.\d{1,9})?)s$/.exec(found)?.[1] : undefined;
    if (text !== undefined) return Number(text);
    const [seconds, nanos] = [numberOf(found, 'seconds'), numberOf(found, 'nanos')];
    if (seconds !== null || nanos !== null) return (seconds ?? 0) + (nanos ?? 0) / 1e9;
  }
  return null;
}

/** Lines of Azure: by channel; of one channel, by the speaker. */
export function readAzure(value: unknown): Cue[] {
  const batch = listOf(value, 'recognizedPhrases');
  const phrases = batch.length > 0 ? batch : listOf(value, 'phrases');
  const channels = new Set(phrases.map((one) => channelIn(one, 'channel') ?? 0));
  const voices = new Map<string, number>();
  return phrases.flatMap((one): Cue[] => {
    const best = listOf(one, 'nBest')[0] ?? one;
    const text = textOf(best, 'display', 'text');
    const span = azureSpan(one);
    if (text === null || span === null) return [];
    const speaker = numberOf(one, 'speaker');
    const bySpeaker = channels.size < 2 && speaker !== null;
    const voice = bySpeaker ? namedVoice(String(speaker), voices) : channelVoice(channelIn(one, 'channel'));
    const shown = listOf(best, 'displayWords');
    const words = (shown.length > 0 ? shown : listOf(best, 'words')).flatMap((word): Cue['words'] => {
      const [at, said] = [azureSpan(word), textOf(word, 'displayText', 'text', 'word')];
      return at === null || said === null ? [] : [{ ...at, text: said }];
    });
    return [{ ...span, ...voice, text, words }];
  });
}

/** Ticks are 100 ns. */
function azureSpan(value: unknown): { readonly start: number; readonly end: number } | null {
  const ticks = numberOf(value, 'offsetInTicks');
  const [start, perMs] = ticks === null ? [numberOf(value, 'offsetMilliseconds'), 1] : [ticks, 10_000];
  const length = numberOf(value, ticks === null ? 'durationMilliseconds' : 'durationInTicks');
  return spanOf(start, (start ?? 0) + (length ?? 0), perMs);
}
