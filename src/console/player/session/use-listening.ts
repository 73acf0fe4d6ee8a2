// Listening to one recording: opens the session, watches for its end, and drops all content then.
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useReducer, useRef, useState } from 'react';
import { problemOf } from '../../api/problem.ts';
import { refetchQueries } from '../../api/query-client.ts';
import type { Recording } from '../../api/types.ts';
import { coalesce } from '../../live/coalesce.ts';
import { grantInUse } from '../../state/grant-in-use.ts';
import { listenIntent } from '../sound/listen-intent.ts';
import { createSound, type Sound } from '../sound/sound.ts';
import { percentOf } from '../time/spans.ts';
import { dropContent, endSession } from './api.ts';
import { endReasonOfProblem, failureOf } from './end-reason.ts';
import { forgetSessionOf, keepHeardSpans, keepSession, keptSessionFor } from './kept-sessions.ts';
import { diagnoseMedia } from './media-failure.ts';
import { resumeOrOpenSession, resumeSession } from './open-session.ts';
import { type EndReason, FIRST_STATE, isLive, nextState, type PlayerState } from './player-state.ts';
import type { Session } from './types.ts';
import { useEndWatch } from './use-end-watch.ts';

/** Facts of an ended session, without content. */
export type EndedSession = Pick<Session, 'grant' | 'opened' | 'ends'> & {
  readonly heardPercent: number;
  /** Time of the end, by the browser's clock. */
  readonly at: number;
};

export type Listening = {
  readonly state: PlayerState;
  readonly session: Session | null;
  readonly ended: EndedSession | null;
  /** The sound cannot be played here or is not part of the grant; the transcript remains available. */
  readonly silent: 'unsupported' | 'not-granted' | null;
  readonly sound: Sound;
  /** Opens a session, which takes one use of the grant, and plays. Call it only for a click. */
  readonly open: () => void;
  /** Resumes a session that is still open, if there is one; plays if `plays` (after a click). */
  readonly resume: (plays: boolean) => Promise<boolean>;
  readonly retry: () => void;
  readonly finish: () => void;
};

const MAX_TRIES = 2;
/** Codes that stop the sound and keep the transcript. */
const SILENT_CODES = new Map<string, Listening['silent']>([
  ['unsupported', 'unsupported'],
  ['object_not_granted', 'not-granted'],
]);

type Facts = Pick<Recording, 'id' | 'duration_ms' | 'access'>;

/** `from` is the start position in milliseconds. */
export function useListening(recording: Facts, from: number): Listening {
  const client = useQueryClient();
  const [state, happen] = useReducer(nextState, FIRST_STATE);
  const [session, setSession] = useState<Session | null>(null);
  const [silent, setSilent] = useState<Listening['silent']>(null);
  const [over, setOver] = useState<EndedSession | null>(null);
  const failed = useRef<(code: number, at: number) => void>(() => undefined);
  const [sound] = useState(() => createSound(recording.duration_ms ?? 0, (code, at) => failed.current(code, at)));
  const tries = useRef(0);
  /** Whether to start playback once a source is set, and again after a failure. */
  const wanted = useRef(false);
  const current = useRef<Session | null>(null);

  const end = useCallback(
    (why: EndReason) => {
      const heardPercent = percentOf(sound.heard.get(), sound.duration());
      // Stops the sound first, then drops everything else.
      sound.drop();
      wanted.current = false;
      if (current.current !== null) {
        const { grant: used, opened, ends } = current.current;
        setOver({ grant: used, opened, ends, heardPercent, at: Date.now() });
      }
      dropContent(client);
      current.current = null;
      setSession(null);
      forgetSessionOf(recording.id);
      grantInUse.set(null);
      happen({ type: 'ended', why });
      // The event of this end also refetches the recording; it is read once.
      coalesce(
        `recording ${recording.id}`,
        () => void client.invalidateQueries({ queryKey: ['recording', recording.id] }),
      );
      void refetchQueries(client, 'recordings', 'grants', 'queue');
    },
    [sound, client, recording.id],
  );

  const begin = useCallback(
    (opened: Session, at: number) => {
      current.current = opened;
      setSession(opened);
      setSilent(null);
      const heard = keptSessionFor(recording.id)?.heard ?? [];
      keepSession(recording.id, opened.id, heard);
      sound.load(`/v1/sessions/${opened.id}/media`, heard, at);
      if (wanted.current) sound.play();
      wanted.current = false;
      // The first listen has started the clock of the grant.
      void refetchQueries(client, 'grants', 'queue');
    },
    [sound, client, recording.id],
  );

  const { grant, state: access } = recording.access;
  const standing = access === 'listen' || access === 'pending' ? access : 'other';
  const start = useCallback(
    async (at: number) => {
      try {
        const found =
          grant === null ? await resumeSession(recording.id) : await resumeOrOpenSession(recording.id, grant);
        if (found === null) return happen({ type: 'failed', failure: failureOf(null, null) });
        begin(found, at);
      } catch (error) {
        const problem = problemOf(error);
        const over = problem === null ? null : endReasonOfProblem(problem);
        if (over !== null && over !== 'closed') end(over);
        else happen({ type: 'failed', failure: failureOf(problem, null) });
      }
    },
    [recording.id, grant, begin, end],
  );

  const resume = useCallback(
    async (plays: boolean) => {
      if (keptSessionFor(recording.id) === null) return false;
      wanted.current = plays;
      happen({ type: 'open' });
      const resumed = await resumeSession(recording.id).then(
        (kept) => {
          if (current.current === null && kept !== null) begin(kept, from);
          return current.current !== null;
        },
        (error: unknown) => {
          happen({ type: 'failed', failure: failureOf(problemOf(error), null) });
          return true;
        },
      );
      if (!resumed) happen({ type: 'not-resumed', standing });
      return resumed;
    },
    [recording.id, begin, from, standing],
  );

  const open = useCallback(() => {
    sound.unlock();
    wanted.current = true;
    happen({ type: 'open' });
    void start(from);
  }, [start, from, sound]);

  const retry = useCallback(() => {
    const at = sound.position();
    tries.current = 0;
    happen({ type: 'retry' });
    void start(at);
  }, [start, sound]);

  const finish = useCallback(() => {
    const id = current.current?.id;
    end('closed');
    if (id !== undefined) void endSession(id).catch(() => undefined);
  }, [end]);

  failed.current = (code, at) => {
    const now = current.current;
    if (now === null) return;
    const goOn = sound.state.get().playing;
    sound.pause();
    void diagnoseMedia({ session: now.id, code, at, duration: sound.duration() }).then((meaning) => {
      if (current.current !== now) return;
      if ('over' in meaning) return end(meaning.over);
      tries.current += 1;
      if ('again' in meaning && tries.current <= MAX_TRIES) {
        sound.load(`/v1/sessions/${now.id}/media`, sound.heard.get(), at);
        return goOn ? sound.play() : undefined;
      }
      wanted.current = goOn;
      const failure = 'failure' in meaning ? meaning.failure : failureOf(null, at);
      const without = SILENT_CODES.get(failure.code);
      if (without === undefined) return happen({ type: 'failed', failure });
      setSilent(without);
      happen({ type: 'opened', playing: false });
    });
  };

  useEffect(() => happen({ type: 'standing', standing }), [standing]);

  useEffect(() => {
    const opened = (): void => happen({ type: 'opened', playing: sound.state.get().playing });
    sound.media.addEventListener('loadedmetadata', opened);
    let before = false;
    const forget = sound.state.subscribe(() => {
      const { playing, buffering: busy } = sound.state.get();
      if (before && !playing && current.current !== null)
        keepSession(recording.id, current.current.id, sound.heard.get());
      before = playing;
      happen({ type: playing ? 'play' : 'pause' });
      happen({ type: busy && playing ? 'buffering' : 'flowing' });
    });
    const forgetHeard = sound.heard.subscribe(() => {
      if (current.current !== null) keepHeardSpans(recording.id, sound.heard.get());
    });
    // Inside the click: a browser may block playback that starts later.
    const forgetAsked = listenIntent.subscribe(() => {
      if (listenIntent.get() === recording.id) sound.unlock();
    });
    return () => {
      sound.media.removeEventListener('loadedmetadata', opened);
      for (const stop of [forget, forgetHeard, forgetAsked]) stop();
    };
  }, [sound, recording.id]);

  // On leaving the page, playback stops and no content stays.
  useEffect(
    () => () => {
      sound.close();
      dropContent(client);
      grantInUse.set(null);
      current.current = null;
    },
    [sound, client],
  );

  const live = session !== null;
  const heardUnder = live && isLive(state) ? session.grant : null;
  useEffect(() => grantInUse.set(heardUnder === null ? null : { grant: heardUnder, finish }), [heardUnder, finish]);
  const extended = useCallback((ends: string) => {
    if (current.current === null) return;
    current.current = { ...current.current, ends };
    setSession(current.current);
    happen({ type: 'extended' });
  }, []);
  useEndWatch(session, { end, extended, lastMinute: () => happen({ type: 'last-minute' }) });
  useEffect(() => {
    if (live && state.name === 'error') sound.pause();
  }, [live, state.name, sound]);
  const shown = isLive(state) || state.name === 'opening' ? session : null;
  return { state, session: shown, ended: over, silent, sound, open, resume, retry, finish };
}
