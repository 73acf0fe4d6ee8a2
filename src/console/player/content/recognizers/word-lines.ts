// Lines from single words, for recognizers that write no segments.
import type { Span } from '../../time/spans.ts';
import type { Cue, Voice } from '../cues.ts';

export type SaidWord = Span &
  Voice & {
    readonly text: string;
    /** Whether it follows the word before without a space: punctuation. */
    readonly attached?: boolean;
  };

/** A pause in milliseconds after which a line ends, and the length of a line after which a sentence ends it. */
const PAUSE_MS = 1_000;
const LONG_LINE = 80;
/** A line ends here even within a sentence. */
const LONGEST_LINE = 400;

const SENTENCE_END = /[.!?。！？]$/u;
/** Scripts that are written without spaces between words. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;

/** Lines of words in order of time, of any number of channels. */
export function linesOfWords(words: readonly SaidWord[]): Cue[] {
  const lines: (Voice & { start: number; end: number; texts: string[]; length: number; words: Cue['words'] })[] = [];
  let last = '';
  for (const word of words) {
    const line = lines.at(-1);
    const goesOn =
      line !== undefined &&
      line.channel === word.channel &&
      (word.attached === true ||
        (word.start - line.end <= PAUSE_MS &&
          line.length < LONGEST_LINE &&
          !(line.length >= LONG_LINE && SENTENCE_END.test(last))));
    const text = word.text.trim();
    if (text === '') continue;
    if (!goesOn) {
      lines.push({
        start: word.start,
        end: word.end,
        channel: word.channel,
        by: word.by,
        texts: [text],
        length: text.length,
        words: [],
      });
    } else {
      const spaced = word.attached !== true && !(UNSPACED.test(last.slice(-1)) && UNSPACED.test(text.slice(0, 1)));
      line.texts.push(spaced ? ` ${text}` : text);
      line.length += text.length + 1;
      line.end = Math.max(line.end, word.end);
    }
    if (word.attached !== true) lines.at(-1)?.words.push({ start: word.start, end: word.end, text });
    last = text;
  }
  return lines.map(({ start, end, channel, by, texts, words: timed }) => ({
    ...{ start, end, channel, by, text: texts.join(''), words: timed },
  }));
}
