// Content of a session: peaks, transcript and comments, and values computed from them.
import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { problemOf } from '../../api/problem.ts';
import type { OneRecording, Recording } from '../../api/types.ts';
import { type Marks, marksOf } from '../content/marks.ts';
import { flatPeaks, type Peaks } from '../content/peaks.ts';
import { type Talk, talkOf } from '../content/talk.ts';
import type { Line } from '../content/transcript.ts';
import { type Who, whoInVoices, whoSays } from '../content/who.ts';
import type { Sound } from '../sound/sound.ts';
import { turnStarts } from '../time/turns.ts';
import { commentsQuery, peaksQuery, transcriptQuery } from './api.ts';
import type { Comment, Session } from './types.ts';

export type PlayerContent = {
  readonly duration: number;
  /** Null without peaks, or if they could not be read. */
  readonly peaks: Peaks | null;
  readonly waveform: 'shown' | 'loading' | 'failed' | 'missing';
  readonly marks: Marks;
  readonly talk: Talk | null;
  /** Who says a line. */
  readonly who: (line: Line) => Who;
  /** Who speaks in the voices of the marks; null where that is not known. */
  readonly speaking: readonly [Who, Who] | null;
  readonly turns: readonly number[];
  readonly languages: readonly string[];
  readonly language: string | null;
  readonly chooseLanguage: (language: string) => void;
  readonly lines: readonly Line[] | null;
  readonly transcript: 'shown' | 'loading' | 'failed' | 'missing' | 'refused' | 'unreadable';
  readonly error: unknown;
  readonly reload: () => void;
  readonly comments: readonly Comment[];
};

const NO_LINES: readonly Line[] = [];
const NO_COMMENTS: readonly Comment[] = [];
/** The lanes of a waveform are those of the agent and the customer. */
const LANES = ['agent', 'customer'] as const;

export function useContent(
  session: Session,
  recording: OneRecording,
  sound: Sound,
  allowed: readonly string[] | null,
  spoken: string,
): PlayerContent {
  const languages = useMemo(() => languagesOf(recording), [recording]);
  const [chosen, chooseLanguage] = useState<string | null>(null);
  const language = chosen ?? languages.find((tag) => tag === recording.language) ?? closestLanguage(languages, spoken);
  const mayRead = allowed === null || allowed.includes('transcript');
  const peaks = useQuery(peaksQuery(session.id));
  const transcript = useQuery({
    ...transcriptQuery(session.id, language ?? ''),
    enabled: language !== null && mayRead,
  });
  const comments = useQuery(commentsQuery(session.id));
  const lines = transcript.data ?? null;
  const duration = recording.duration_ms ?? sound.duration();
  const waveform = waveformStateOf(peaks);
  const drawn = useMemo(
    () => (waveform === 'loading' ? flatPeaks((recording.channels ?? 2) > 1 ? 2 : 1) : (peaks.data ?? null)),
    [waveform, peaks.data, recording.channels],
  );
  const { pauses } = recording;
  const marks = useMemo(
    () => marksOf(peaks.data ?? null, lines ?? NO_LINES, duration, pauses),
    [peaks.data, lines, duration, pauses],
  );
  const who = useMemo(() => whoSays(lines ?? NO_LINES, recording.channels), [lines, recording.channels]);
  const isSplit = (peaks.data?.lanes.length ?? 0) > 1;
  const speaking = useMemo(() => (isSplit ? LANES : whoInVoices(spokenOf(lines), who)), [isSplit, lines, who]);
  const talk = useMemo(() => (speaking === null ? null : talkOf(marks, duration)), [speaking, marks, duration]);
  const turns = useMemo(() => turnsOf(lines, marks), [lines, marks]);
  useEffect(() => sound.setSilences(marks.silences), [sound, marks]);
  return {
    ...{
      duration,
      peaks: drawn,
      waveform,
      marks,
      talk,
      who,
      speaking,
      turns,
      languages,
      language,
      chooseLanguage,
      lines,
    },
    transcript: transcriptStateOf(language, mayRead, transcript),
    error: transcript.error,
    reload: () => void transcript.refetch(),
    comments: comments.data ?? NO_COMMENTS,
  };
}

function waveformStateOf({ data, error }: { readonly data: Peaks | null | undefined; readonly error: unknown }) {
  if (data === undefined) return error === null ? 'loading' : 'failed';
  return data === null ? 'missing' : 'shown';
}

type TranscriptResult = { readonly data: readonly Line[] | null | undefined; readonly error: unknown };

function transcriptStateOf(
  language: string | null,
  mayRead: boolean,
  { data, error }: TranscriptResult,
): PlayerContent['transcript'] {
  if (language === null) return 'missing';
  const code = problemOf(error)?.code;
  if (!mayRead || code === 'access_refused') return 'refused';
  if (code === 'not_found') return 'missing';
  if (error !== null) return 'failed';
  if (data === undefined) return 'loading';
  return data === null ? 'unreadable' : 'shown';
}

function languagesOf({ objects }: Pick<Recording, 'objects'>): string[] {
  return objects.flatMap(({ name }) => (name.startsWith('transcript/') ? [name.slice('transcript/'.length)] : []));
}

function closestLanguage(languages: readonly string[], spoken: string): string | null {
  const own = languages.find((tag) => tag.slice(0, 2) === spoken.slice(0, 2));
  return own ?? languages[0] ?? null;
}

function spokenOf(lines: readonly Line[] | null): readonly Line[] {
  return (lines ?? NO_LINES).filter(({ pause }) => pause === null);
}

/** Starts of turns: from the transcript, or from the voices without one. */
function turnsOf(lines: readonly Line[] | null, { voices }: Marks): number[] {
  if (lines !== null && lines.length > 0) return turnStarts(spokenOf(lines));
  const spoken = voices.flatMap((spans, channel) => spans.map((span) => ({ ...span, channel })));
  return turnStarts(spoken.sort((one, other) => one.start - other.start));
}
