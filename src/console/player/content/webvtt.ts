// WebVTT parser: voices, inline times, entities; styling tags are dropped.
import { type Cue, foldText, namedVoice, toMs } from './cues.ts';

const TIMING = /^\s*((?:\d+:)?\d{1,2}:\d{2}[.,]\d{3})\s+-->\s+((?:\d+:)?\d{1,2}:\d{2}[.,]\d{3})/;

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
    return [{ ...span, ...namedVoice(voice, voices), text: plainText(body), words: timed }];
  });
}

function cueWords(body: string, span: Pick<Cue, 'start' | 'end'>): Cue['words'] {
  const pieces = body.split(/<((?:\d+:)?\d{1,2}:\d{2}\.\d{3})>/);
  if (pieces.length === 1) return [];
  const starts = pieces.filter((_, n) => n % 2 === 1).map(toMs);
  return pieces
    .filter((_, n) => n % 2 === 0)
    .map((piece, n) => ({ text: plainText(piece), start: starts[n - 1] ?? span.start, end: starts[n] ?? span.end }))
    .filter(({ text }) => text !== '');
}

function plainText(text: string): string {
  // Bounded by the next tag: unterminated tags would otherwise scan to the end each.
  return foldText(text.replace(/<[^<>]*>/g, ''));
}
