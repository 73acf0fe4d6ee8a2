// Transcript parser for all media types. Lenient, because a transcript is encrypted as it was uploaded.

import type { Span } from '../time/spans.ts';
import type { Voice } from './cues.ts';
import { type LinePart, linePartsOf, pauseIn } from './line-parts.ts';
import { readRecognized } from './recognizers/recognizers.ts';
import { readSrt } from './srt.ts';
import { readCues } from './webvtt.ts';

export type Line = Span &
  Voice & {
    readonly text: string;
    readonly parts: readonly LinePart[];
    /** Whether words have measured times. */
    readonly timed: boolean;
    readonly pause: { readonly why: string | null } | null;
  };

type RawLine = Span &
  Voice & {
    readonly text: string;
    readonly words: readonly (Span & { readonly text: string })[];
  };

/** Lines in order of time; null for bytes that are not a transcript. */
export function readTranscript(type: string, text: string): Line[] | null {
  const parsed = parserOf(type)(text);
  if (parsed === null) return null;
  return parsed
    .filter((one) => one.text.trim() !== '')
    .sort((one, other) => one.start - other.start || one.channel - other.channel)
    .map(({ words, ...line }) => {
      const parts = linePartsOf(line, words);
      return { ...line, parts, timed: parts.some(({ timed }) => timed), pause: pauseIn(line.text) };
    });
}

function parserOf(type: string): (text: string) => RawLine[] | null {
  if (/^text\/vtt\b/i.test(type)) return readCues;
  return /^application\/x-subrip\b/i.test(type) ? readSrt : readJson;
}

function readJson(text: string): RawLine[] | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isRecord(value)) return null;
  if (!Object.hasOwn(value, 'v')) return readRecognized(value);
  if (value['v'] !== 1 || !Array.isArray(value['segments'])) return null;
  return value['segments'].flatMap((segment: unknown): RawLine[] => {
    const span = spanIn(segment);
    if (span === null || !isRecord(segment)) return [];
    const words = Array.isArray(segment['words']) ? segment['words'] : [];
    const channel = typeof segment['channel'] === 'number' ? segment['channel'] : 0;
    // Of callvault's own form, a channel is a role: the first is the agent's.
    return [{ ...span, channel, by: 'role' as const, words: words.flatMap((word: unknown) => spanIn(word) ?? []) }];
  });
}

function spanIn(value: unknown): (Span & { readonly text: string }) | null {
  if (!isRecord(value)) return null;
  const { start_ms: start, end_ms: end, text } = value as { start_ms?: unknown; end_ms?: unknown; text?: unknown };
  if (typeof start !== 'number' || typeof end !== 'number' || typeof text !== 'string') return null;
  return { start, end: Math.max(start, end), text };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
