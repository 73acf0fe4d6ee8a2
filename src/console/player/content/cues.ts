// What cues of WebVTT and SRT have in common: speakers, times and text.
import type { Span } from '../time/spans.ts';

export type Cue = Span & {
  readonly channel: number;
  readonly text: string;
  readonly words: (Span & { readonly text: string })[];
};

const AGENT = /agent|advisor|staff|operator|坐席|客服|座席/i;
const CUSTOMER = /customer|caller|client|客户|来电|顾客|用户/i;
const ENTITIES: Readonly<Record<string, string>> = {
  ...{ '&amp;': '&', '&lt;': '<', '&gt;': '>', '&nbsp;': '\u00a0', '&lrm;': '\u200e', '&rlm;': '\u200f' },
};

/** Agent is 0, customer 1; of other voices, the first is 0. */
export function channelOf(voice: string | undefined, voices: Map<string, number>): number {
  if (voice === undefined) return 0;
  if (AGENT.test(voice)) return 0;
  if (CUSTOMER.test(voice)) return 1;
  const channel = voices.get(voice) ?? voices.size;
  voices.set(voice, channel);
  return channel;
}

/** A text with its entities decoded and its white space folded. */
export function foldText(text: string): string {
  return text
    .replace(/&(?:amp|lt|gt|nbsp|lrm|rlm);/g, (entity) => ENTITIES[entity] ?? entity)
    .replace(/\s+/g, ' ')
    .trim();
}

/** Longest time, a year: beyond it arithmetic on a time of many digits would no longer be exact. */
export const LONGEST_MS = 31_536_000_000;

/** Milliseconds of a time such as `01:02:03.004` or `02:03,004`. */
export function toMs(time: string): number {
  const [seconds = 0, minutes = 0, hours = 0] = time.replace(',', '.').split(':').map(Number).reverse();
  return Math.min(Math.round((hours * 3600 + minutes * 60 + seconds) * 1000), LONGEST_MS);
}
