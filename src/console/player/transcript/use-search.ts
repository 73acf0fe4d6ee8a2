// Search state of the transcript: query, matches, current match.
import { useEffect, useMemo, useState } from 'react';
import { type Hit, hitAfter, searchLines } from '../content/search.ts';
import type { Line } from '../content/transcript.ts';
import type { Sound } from '../sound/sound.ts';

export type TranscriptSearch = {
  readonly query: string;
  readonly hits: readonly Hit[];
  readonly index: number;
  readonly hit: Hit | null;
  readonly setQuery: (query: string) => void;
  readonly step: (by: 1 | -1) => void;
};

const NONE: readonly Hit[] = [];

export function useSearch(sound: Sound, lines: readonly Line[] | null, language: string): TranscriptSearch {
  const [query, setQuery] = useState('');
  const [index, setIndex] = useState(0);
  const hits = useMemo(() => {
    return lines === null || query.trim() === '' ? NONE : searchLines(lines, query, language);
  }, [lines, query, language]);
  // A new search starts from the playhead.
  useEffect(() => setIndex(hitAfter(hits, sound.position())), [hits, sound]);
  return {
    query,
    hits,
    index,
    hit: hits[index] ?? null,
    setQuery,
    step: (by) => setIndex((now) => (hits.length === 0 ? 0 : (now + by + hits.length) % hits.length)),
  };
}
