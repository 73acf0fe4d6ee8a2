// Transcripts of Deepgram, of Whisper and its variants, and of whisper.cpp.
import { type Cue, channelVoice, namedVoice, type Voice } from '../cues.ts';
import { channelIn, listOf, memberOf, numberOf, spanOf, textOf } from './json-values.ts';
import { linesOfWords } from './word-lines.ts';

/** Lines of Deepgram: its utterances, else its words; by channel, or by the speaker. */
export function readDeepgram(value: unknown): Cue[] {
  const channels = listOf(value, 'results', 'channels');
  const voices = new Map<string, number>();
  // One channel of several in the audio is all of them, mixed.
  const voiceOf = (word: unknown, channel: number): Voice => {
    const speaker = numberOf(word, 'speaker');
    if (channels.length > 1) return channelVoice(channel);
    return namedVoice(speaker === null ? undefined : String(speaker), voices);
  };
  const utterances = listOf(value, 'results', 'utterances').flatMap((one): Cue[] => {
    const [span, text] = [secondsSpan(one), textOf(one, 'transcript')];
    if (span === null || text === null) return [];
    return [{ ...span, ...voiceOf(one, channelIn(one, 'channel') ?? 0), text, words: wordsIn(one) }];
  });
  if (utterances.length > 0) return utterances;
  return channels.flatMap((one, channel) => {
    const words = listOf(listOf(one, 'alternatives')[0], 'words');
    return linesOfWords(words.flatMap((word) => wordIn(word).map((said) => ({ ...said, ...voiceOf(word, channel) }))));
  });
}

/** Lines of Whisper, faster-whisper and WhisperX: by the speaker where one is named. */
export function readWhisper(value: unknown): Cue[] {
  const voices = new Map<string, number>();
  return listOf(value, 'segments').flatMap((one): Cue[] => {
    const [span, text] = [secondsSpan(one), textOf(one, 'text')];
    if (span === null || text === null) return [];
    const voice = namedVoice(textOf(one, 'speaker') ?? undefined, voices);
    return [{ ...span, ...voice, text: text.trim(), words: wordsIn(one) }];
  });
}

/** Lines of whisper.cpp: of stereo sound, its speakers `0` and `1` are the channels. */
export function readWhisperCpp(value: unknown): Cue[] {
  return listOf(value, 'transcription').flatMap((one): Cue[] => {
    const [span, text] = [offsetsIn(one), textOf(one, 'text')];
    if (span === null || text === null) return [];
    const words = listOf(one, 'tokens').flatMap((token): Cue['words'] => {
      const [at, said] = [offsetsIn(token), textOf(token, 'text')];
      // Marks such as [_BEG_] are no words.
      return at === null || said === null || said.startsWith('[_') ? [] : [{ ...at, text: said }];
    });
    return [{ ...span, ...channelVoice(channelIn(one, 'speaker')), text: text.trim(), words }];
  });
}

function wordsIn(value: unknown): Cue['words'] {
  return listOf(value, 'words').flatMap(wordIn);
}

function wordIn(value: unknown): Cue['words'] {
  const [span, text] = [secondsSpan(value), textOf(value, 'punctuated_word', 'word')];
  return span === null || text === null ? [] : [{ ...span, text }];
}

function secondsSpan(value: unknown): { readonly start: number; readonly end: number } | null {
  return spanOf(numberOf(value, 'start'), numberOf(value, 'end'), 0.001);
}

function offsetsIn(value: unknown): { readonly start: number; readonly end: number } | null {
  const offsets = memberOf(value, 'offsets');
  return spanOf(numberOf(offsets, 'from'), numberOf(offsets, 'to'), 1);
}
