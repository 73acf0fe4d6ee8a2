// Transcripts of Genesys Cloud's speech and text analytics, as its transcript URL returns them.
import { type Cue, namedVoice, type Voice } from '../cues.ts';
import { listOf, memberOf, numberOf, spanOf, textOf } from './json-values.ts';

/** Times are milliseconds since 1970; a smaller number counts from the start of the call. */
const EPOCH_MS = 100_000_000_000;

/** Lines of Genesys Cloud: by the participant's side; `internal` is the agent's, with announcements. */
export function readGenesys(value: unknown): Cue[] {
  const voices = new Map<string, number>();
  return listOf(value, 'transcripts').flatMap((transcript) => {
    const phrases = listOf(transcript, 'phrases');
    const began =
      numberOf(value, 'startTime') ??
      numberOf(transcript, 'startTime') ??
      numberOf(value, 'conversationStartTime') ??
      numberOf(phrases[0], 'startTimeMs') ??
      0;
    return phrases.flatMap((one): Cue[] => {
      const decorated = textOf(one, 'decoratedText') ?? '';
      const [span, text] = [spanIn(one, began), decorated.trim() === '' ? textOf(one, 'text') : decorated];
      if (span === null || text === null) return [];
      const shown = listOf(one, 'decoratedWords');
      const words = (shown.length > 0 ? shown : listOf(one, 'words')).flatMap((word): Cue['words'] => {
        const [at, said] = [spanIn(word, began), textOf(word, 'word')];
        return at === null || said === null ? [] : [{ ...at, text: said }];
      });
      return [{ ...span, ...voiceOf(textOf(one, 'participantPurpose') ?? undefined, voices), text, words }];
    });
  });
}

function voiceOf(purpose: string | undefined, voices: Map<string, number>): Voice {
  const side = purpose?.toLowerCase();
  if (side === 'internal' || side === 'external') return { channel: side === 'internal' ? 0 : 1, by: 'role' };
  return namedVoice(side, voices);
}

function spanIn(value: unknown, began: number): { readonly start: number; readonly end: number } | null {
  const time = numberOf(value, 'startTimeMs');
  if (time === null) return null;
  const start = time < EPOCH_MS ? time : time - began;
  return spanOf(start, start + (numberOf(memberOf(value, 'duration'), 'milliseconds') ?? 0), 1);
}
