// What cues of WebVTT and SRT have in common: speakers, times and text.
import type { Span } from '../time/spans.ts';

/**
 * Who says a line, and what says so: the name of a role (0 is the agent, 1 the customer), a channel of the audio, the
 * order in which voices first speak, or nothing.
 */
export type Voice = { readonly channel: number; readonly by: 'role' | 'channel' | 'order' | 'none' };

export type Cue = Span &
  Voice & {
    readonly text: string;
    readonly words: (Span & { readonly text: string })[];
  };

const AGENT = /agent|advisor|staff|operator|坐席|客服|座席/i;
const CUSTOMER = /customer|caller|client|客户|来电|顾客|用户/i;
const ENTITIES: Readonly<Record<string, string>> = {
  ...{ '&amp;': '&', '&lt;': '<', '&gt;': '>', '&nbsp;': '\u00a0', '&lrm;': '\u200e', '&rlm;': '\u200f' },
};

/** The voice of this name; of names without a role, the first to speak is 0. */
export function namedVoice(name: string | undefined, voices: Map<string, number>): Voice {
  if (name === undefined) return { channel: 0, by: 'none' };
  if (AGENT.test(name)) return { channel: 0, by: 'role' };
  if (CUSTOMER.test(name)) return { channel: 1, by: 'role' };
  const channel = voices.get(name) ?? voices.size;
  voices.set(name, channel);
  return { channel, by: 'order' };
}

/** The voice on a channel of the audio; null: on none that is known. */
export function channelVoice(channel: number | null): Voice {
  return channel === null ? { channel: 0, by: 'none' } : { channel, by: 'channel' };
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
