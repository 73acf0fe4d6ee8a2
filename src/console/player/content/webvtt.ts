// WebVTT parser: voices, inline times, entities; styling tags are dropped.
import type { Span } from '../time/spans.ts';

type Cue = Span & {
  readonly channel: number;
  readonly text: string;
  readonly words: (Span & { readonly text: string })[];
};

const TIMING = /^\s*((?:\d+:)?\d{1,2}:\d{2}[.,]\d{3})\s+-->\s+((?:\d+:)?\d{1,2}:\d{2}[.,]\d{3})/;
const AGENT = /agent|advisor|staff|operator|坐席|客服|座席/i;
const CUSTOMER = /customer|caller|client|客户|来电|顾客|用户/i;
const ENTITIES: Readonly<Record<string, string>> = {
  ...{ '&amp;': '&', '&lt;': '<', '&gt;': '>', '&nbsp;': '\u00a0', '&lrm;': '\u200e', '&rlm;': '\u200f' },
};

/** Cues of a file; null without the WEBVTT header. */
export function readCues(file: string): Cue[] | null {
  const text = file.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
  if (!/^WEBVTT([ \t\n]|$)/.test(text)) return null;
  const voices = new Map<string, number>();
  return text.split(/\n{2,}/).flatMap((block): Cue[] => {
    const rows = block.split('\n');
    const at = rows.findIndex((row) => TIMING.test(row));
    if (at < 0 || /^(NOTE|STYLE|REGION)\b/.test(rows[0] ?? '')) return [];
    const found = TIMING.exec(rows[at] ?? '');
    const span = { start: toMs(found?.[1] ?? ''), end: toMs(found?.[2] ?? '') };
    const body = rows.slice(at + 1).join('\n');
    const voice = /<v(?:\.[^\s<>]*)?\s([^<>]+)>/i.exec(body)?.[1]?.trim();
    const timed = cueWords(body, span);
    return [{ ...span, channel: channelOf(voice, voices), text: plainText(body), words: timed }];
  });
}

/** Agent is 0, customer 1; of other voices, the first is 0. */
function channelOf(voice: string | undefined, voices: Map<string, number>): number {
  if (voice === undefined) return 0;
  if (AGENT.test(voice)) return 0;
  if (CUSTOMER.test(voice)) return 1;
  const channel = voices.get(voice) ?? voices.size;
  voices.set(voice, channel);
  return channel;
}

function cueWords(body: string, span: Span): Cue['words'] {
  const pieces = body.split(/<((?:\d+:)?\d{1,2}:\d{2}\.\d{3})>/);
  if (pieces.length === 1) return [];
  const starts = pieces.filter((_, n) => n % 2 === 1).map(toMs);
  return pieces
    .filter((_, n) => n % 2 === 0)
    .map((piece, n) => ({ text: plainText(piece), start: starts[n - 1] ?? span.start, end: starts[n] ?? span.end }))
    .filter(({ text }) => text !== '');
}

function plainText(text: string): string {
  return (
    text
      // Bounded by the next tag: unterminated tags would otherwise scan to the end each.
      .replace(/<[^<>]*>/g, '')
      .replace(/&(?:amp|lt|gt|nbsp|lrm|rlm);/g, (entity) => ENTITIES[entity] ?? entity)
      .replace(/\s+/g, ' ')
      .trim()
  );
}

function toMs(time: string): number {
  const [seconds = 0, minutes = 0, hours = 0] = time.replace(',', '.').split(':').map(Number).reverse();
  return Math.round((hours * 3600 + minutes * 60 + seconds) * 1000);
}
