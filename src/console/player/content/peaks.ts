// Decoder of peaks: "CVPK", version, channels, milliseconds per peak, count, min and max.
import { mergeSpans, type Span, spansLongerThan } from '../time/spans.ts';

/** One lane for each channel; a value is the larger magnitude of min and max, 0 to 1. */
export type Peaks = { readonly msPerPeak: number; readonly lanes: readonly Float32Array[] };

const HEADER = 12;
const VERSION = 1;

/** Null for bytes that are not a complete file of this format. */
export function decodePeaks(bytes: Uint8Array): Peaks | null {
  if (bytes.length < HEADER || String.fromCharCode(...bytes.subarray(0, 4)) !== 'CVPK') return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [version, channels] = [view.getUint8(4), view.getUint8(5)];
  const [msPerPeak, count] = [view.getUint16(6, true), view.getUint32(8, true)];
  if (version !== VERSION || channels === 0 || msPerPeak === 0) return null;
  if (bytes.length !== HEADER + count * channels * 2) return null;
  const lanes = Array.from({ length: channels }, () => new Float32Array(count));
  let at = HEADER;
  for (let peak = 0; peak < count; peak += 1) {
    for (const lane of lanes) {
      const extreme = Math.max(-view.getInt8(at), view.getInt8(at + 1), 0);
      lane[peak] = Math.min(1, extreme / 127);
      at += 2;
    }
  }
  return { msPerPeak, lanes };
}

/** Empty lanes, drawn until the peaks arrive. */
export function flatPeaks(channels: number): Peaks {
  return { msPerPeak: 1000, lanes: Array.from({ length: channels }, () => new Float32Array(2)) };
}

/** Pauses for breath are part of speech, and clicks are not. */
const BREATH_MS = 300;
const CLICK_MS = 100;
/** Below this level a lane has only noise. */
const FAINT = 4 / 127;

/** Spans in which a lane is louder than its noise. */
export function voiceOf(lane: Float32Array, msPerPeak: number): Span[] {
  const sorted = Float32Array.from(lane).sort();
  const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
  const [noise, loud] = [at(0.1), at(0.95)];
  const loudest = at(1);
  // A speaker who hardly speaks is louder than noise only in the last hundredths.
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

/** Voices of agent and customer. Mono sound cannot separate them; then the transcript does. */
export function voicesOf(
  peaks: Peaks | null,
  lines: readonly (Span & { readonly channel: number })[],
): readonly [Span[], Span[]] {
  const [agent, customer] = peaks?.lanes ?? [];
  if (peaks !== null && agent !== undefined && customer !== undefined) {
    return [voiceOf(agent, peaks.msPerPeak), voiceOf(customer, peaks.msPerPeak)];
  }
  const spansOf = (isOf: (channel: number) => boolean): Span[] =>
    mergeSpans(
      lines.filter(({ channel }) => isOf(channel)),
      BREATH_MS,
    );
  return [spansOf((channel) => channel === 0), spansOf((channel) => channel !== 0)];
}
