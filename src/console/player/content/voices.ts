// When each lane speaks: from its peaks, with a threshold of its own, or from the transcript where there are none.

import { mergeSpans, type Span, spansLongerThan } from '../time/spans.ts';
import type { Peaks } from './peaks.ts';

/** A speaker takes breath without stopping; a click is no speech. */
const BREATH_MS = 300;
const CLICK_MS = 100;
/** Below this a lane carries nothing but noise. */
const FAINT = 4 / 127;

/** The times at which a lane is louder than its own noise. */
export function voiceOf(lane: Float32Array, msPerPeak: number): Span[] {
  const sorted = Float32Array.from(lane).sort();
  const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
  const [noise, loud] = [at(0.1), at(0.95)];
  const loudest = at(1);
  // A lane that hardly speaks has its speech in the last hundredths.
  const speech = loud > FAINT ? loud : loudest;
  if (speech <= FAINT) return [];
  const threshold = Math.max(2 / 127, speech * 0.08, Math.min(noise * 1.5, speech * 0.3));
  const loudParts: Span[] = [];
  let from = -1;
  for (let peak = 0; peak <= lane.length; peak += 1) {
    const isLoud = (lane[peak] ?? 0) > threshold;
    if (isLoud && from < 0) from = peak;
    if (isLoud || from < 0) continue;
    loudParts.push({ start: from * msPerPeak, end: peak * msPerPeak });
    from = -1;
  }
  return spansLongerThan(mergeSpans(loudParts, BREATH_MS), CLICK_MS);
}

/** One list a speaker: agent, customer. Mono sound cannot tell them apart: then the transcript does. */
export function voicesOf(
  peaks: Peaks | null,
  lines: readonly (Span & { readonly channel: number })[],
): readonly [Span[], Span[]] {
  const [agent, customer] = peaks?.lanes ?? [];
  if (peaks !== null && agent !== undefined && customer !== undefined) {
    return [voiceOf(agent, peaks.msPerPeak), voiceOf(customer, peaks.msPerPeak)];
  }
  const said = (isOf: (channel: number) => boolean): Span[] =>
    mergeSpans(
      lines.filter(({ channel }) => isOf(channel)),
      BREATH_MS,
    );
  return [said((channel) => channel === 0), said((channel) => channel !== 0)];
}
