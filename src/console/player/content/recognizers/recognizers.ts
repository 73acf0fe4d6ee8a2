// JSON of speech recognizers, identified by its shape as in the vault (src/model/transcript-shapes.ts).
import type { Cue } from '../cues.ts';
import { readContactLens, readTranscribe } from './amazon.ts';
import { readDeepgram, readWhisper, readWhisperCpp } from './deepgram-whisper.ts';
import { readGenesys } from './genesys.ts';
import { readAzure, readGoogle } from './google-azure.ts';
import { memberOf } from './json-values.ts';

const READERS: readonly (readonly [list: readonly string[], read: (value: unknown) => Cue[]])[] = [
  [['Transcript'], readContactLens],
  [['results', 'items'], readTranscribe],
  [['results', 'channels'], readDeepgram],
  [['results'], readGoogle],
  [['response', 'results'], readGoogle],
  [['recognizedPhrases'], readAzure],
  [['phrases'], readAzure],
  [['transcripts'], readGenesys],
  [['transcription'], readWhisperCpp],
  [['segments'], readWhisper],
];

/** Lines of a recognizer's transcript; null for JSON of another form. */
export function readRecognized(value: unknown): Cue[] | null {
  const found = READERS.find(([list]) => Array.isArray(memberOf(value, ...list)));
  return found === undefined ? null : found[1](value);
}
