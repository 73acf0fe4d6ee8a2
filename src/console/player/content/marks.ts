// Marks under the waveform: silence, cross-talk, pauses of the recording and redactions.

import { gapsBetween, intersectSpans, mergeSpans, type Span, spansLongerThan } from '../time/spans.ts';
import type { Peaks } from './peaks.ts';
import { voiceOf, voicesOf } from './peaks.ts';
import type { Line } from './transcript.ts';

/** `reason`: a code of the recorder. `why`: words of the transcript. Start and end are equal where it was cut out. */
export type Pause = Span & { readonly reason: string | null; readonly why: string | null };

/** A pause in the facts of a recording. */
export type RecordedPause = { readonly start_ms: number; readonly end_ms: number; readonly reason: string };
export type Redaction = Span & { readonly channel: number; readonly what: string };
export type Marks = {
  readonly silences: readonly Span[];
  readonly crossTalk: readonly Span[];
  readonly pauses: readonly Pause[];
  readonly redactions: readonly Redaction[];
  /** When agent and customer speak. */
  readonly voices: readonly [readonly Span[], readonly Span[]];
};

/**
 * Silence: both channels under their threshold for longer than this. Cross-talk: both over it for longer than
 * `CROSS_TALK_MS`.
 */
const SILENCE_MS = 3000;
const CROSS_TALK_MS = 1000;

/** Marks of a recording; of pauses alone without peaks and transcript. */
export function marksOf(
  peaks: Peaks | null,
  lines: readonly Line[],
  duration: number,
  recorded: readonly RecordedPause[] = [],
): Marks {
  const spoken = lines.filter(({ pause }) => pause === null);
  const voices = voicesOf(peaks, spoken);
  const pauses = pausesOf(lines, duration, recorded);
  const redactions = spoken.flatMap(({ channel, parts }) =>
    parts.flatMap(({ start, end, redaction }) =>
      redaction === null ? [] : [{ start, end: Math.max(end, start + 1), channel, what: redaction }],
    ),
  );
  const whole = { start: 0, end: duration };
  const known = peaks !== null || spoken.length > 0;
  const audible = mergeSpans([...voices.flat(), ...monoVoice(peaks), ...pauses]);
  const silences = known ? spansLongerThan(gapsBetween(audible, whole), SILENCE_MS + 1) : [];
  const crossTalk = spansLongerThan(intersectSpans(voices[0], voices[1]), CROSS_TALK_MS + 1);
  return { silences, crossTalk, pauses, redactions, voices };
}

/** Pauses that the recorder reported, within the call, and those of the transcript beside them. */
function pausesOf(lines: readonly Line[], duration: number, recorded: readonly RecordedPause[]): Pause[] {
  const told = recorded
    .filter(({ start_ms: start }) => start <= duration)
    .map(({ start_ms: start, end_ms: end, reason }) => ({ start, end: Math.min(end, duration), reason, why: null }));
  const transcribed = lines.flatMap(({ start, end, pause }) =>
    pause === null || told.some((one) => one.start <= end && start <= one.end)
      ? []
      : [{ start, end, reason: null, why: pause.why }],
  );
  return [...told, ...transcribed].sort((one, other) => one.start - other.start);
}

/** Whether the recorder cut a pause out: the audio before it goes on at once. */
export function isCut({ start, end }: Span): boolean {
  return start === end;
}

function monoVoice(peaks: Peaks | null): Span[] {
  const [only, second] = peaks?.lanes ?? [];
  return peaks === null || only === undefined || second !== undefined ? [] : voiceOf(only, peaks.msPerPeak);
}
