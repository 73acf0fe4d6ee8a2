// Listening to one recording: opens the session, follows its end from every side, and drops everything when it is over.
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useReducer, useRef, useState } from 'react';
import { problemOf } from '../api/problem.ts';
import { readAgain } from '../api/read-again.ts';
import type { Recording } from '../api/types.ts';
import { soon } from '../live/soon.ts';
import { listening } from '../shell/listening.ts';
import { dropContent, endSession, openSession, readSession } from './content.ts';
import { forgetKept, keep, keptFor } from './kept-sessions.ts';
import { type Ending, FIRST_STATE, isLive, nextState, type PlayerState } from './machine.ts';
import { meaningOf } from './media-failure.ts';
import { createSound, type Sound } from './sound.ts';
import { percentOf } from './spans.ts';
import { type Session, spansIn } from './types.ts';
import { useEndWatch } from './use-end-watch.ts';
import { failureOf, whyRefused, whySessionOver } from './why-over.ts';

/** What is still known of a session when it is over: facts, nothing of the content. */
export type Over = Pick<Session, 'grant' | 'opened' | 'ends'> & {
  readonly heardPercent: number;
  /** Whether what was handed out before is counted in. */
  readonly resumed: boolean;
};

export type Listening = {
  readonly state: PlayerState;
  readonly session: Session | null;
  readonly over: Over | null;
  /** The sound cannot be played here, or is not part of the grant: the text still can be read. */
  readonly silent: 'unsupported' | 'not-granted' | null;
  readonly sound: Sound;
  readonly open: () => void;
  /** Goes on with a session that is still open, if there is one. */
  readonly resume: () => Promise<boolean>;
  readonly retry: () => void;
  readonly finish: () => void;
};

const TRIES = 2;
/** What takes the sound away and leaves the text. */
const SILENT = new Map<string, Listening['silent']>([
  ['unsupported', 'unsupported'],
  ['object_not_granted', 'not-granted'],
]);

type Facts = Pick<Recording, 'id' | 'duration_ms' | 'access'>;

/** `from` is where playing begins, in milliseconds. */
export function useListening(recording: Facts, from: number): Listening {
  const client = useQueryClient();
  const [state, happen] = useReducer(nextState, FIRST_STATE);
  const [session, setSession] = useState<Session | null>(null);
  const [silent, setSilent] = useState<Listening['silent']>(null);
  const [over, setOver] = useState<Over | null>(null);
  const failed = useRef<(code: number, at: number) => void>(() => undefined);
  const [sound] = useState(() => createSound(recording.duration_ms ?? 0, (code, at) => failed.current(code, at)));
  const tries = useRef(0);
  const current = useRef<Session | null>(null);

  const end = useCallback(
    (why: Ending) => {
      const heardPercent = percentOf(sound.heard.get(), sound.duration());
      // Silence first, then everything else.
      sound.drop();
      if (current.current !== null) {
        const { grant: used, opened, ends, heard } = current.current;
        setOver({ grant: used, opened, ends, heardPercent, resumed: heard.length > 0 });
      }
      dropContent(client);
      current.current = null;
      setSession(null);
      forgetKept(recording.id);
      listening.set(null);
      happen({ type: 'ended', why });
      // The event of this end asks for the recording too: it is read once.
      soon(`recording ${recording.id}`, () => void client.invalidateQueries({ queryKey: ['recording', recording.id] }));
      void readAgain(client, 'recordings', 'grants');
    },
    [sound, client, recording.id],
  );

  const begin = useCallback(
    (opened: Session, at: number) => {
      current.current = opened;
      setSession(opened);
      setSilent(null);
      keep(recording.id, opened.id);
      sound.load(`/v1/sessions/${opened.id}/media`, spansIn(opened.heard), at);
    },
    [sound, recording.id],
  );

  const { grant } = recording.access;
  const start = useCallback(
    async (at: number) => {
      try {
        const kept = await keptSession(recording.id);
        if (kept === null && grant === null) return happen({ type: 'failed', failure: failureOf(null, null) });
        begin(kept ?? (await openSession(grant ?? '')), at);
      } catch (error) {
        const problem = problemOf(error);
        const over = problem === null ? null : whyRefused(problem);
        if (over !== null && over !== 'closed') end(over);
        else happen({ type: 'failed', failure: failureOf(problem, null) });
      }
    },
    [recording.id, grant, begin, end],
  );

  const resume = useCallback(async () => {
    const kept = await keptSession(recording.id);
    if (kept === null || current.current !== null) return current.current !== null;
    happen({ type: 'open' });
    begin(kept, from);
    return true;
  }, [recording.id, begin, from]);

  const open = useCallback(() => {
    happen({ type: 'open' });
    void start(from);
  }, [start, from]);

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
    void meaningOf({ session: now.id, code, at, duration: sound.duration() }).then((meaning) => {
      if (current.current !== now) return;
      if ('over' in meaning) return end(meaning.over);
      tries.current += 1;
      if ('again' in meaning && tries.current <= TRIES) {
        sound.load(`/v1/sessions/${now.id}/media`, sound.heard.get(), at);
        return goOn ? sound.play() : undefined;
      }
      const failure = 'failure' in meaning ? meaning.failure : failureOf(null, at);
      const without = SILENT.get(failure.code);
      if (without === undefined) return happen({ type: 'failed', failure });
      setSilent(without);
      happen({ type: 'opened' });
    });
  };

  const standing = recording.access.state;
  useEffect(() => {
    happen({ type: 'standing', standing: standing === 'listen' || standing === 'pending' ? standing : 'other' });
  }, [standing]);

  useEffect(() => {
    const opened = (): void => happen({ type: 'opened' });
    sound.media.addEventListener('loadedmetadata', opened);
    const forget = sound.state.subscribe(() => {
      const { playing, busy } = sound.state.get();
      happen({ type: playing ? 'play' : 'pause' });
      happen({ type: busy && playing ? 'buffering' : 'flowing' });
    });
    return () => {
      sound.media.removeEventListener('loadedmetadata', opened);
      forget();
    };
  }, [sound]);

  // Another page, or none: nothing goes on sounding, and nothing of the content stays.
  useEffect(
    () => () => {
      sound.close();
      dropContent(client);
      listening.set(null);
      current.current = null;
    },
    [sound, client],
  );

  const live = session !== null;
  const heardUnder = live && isLive(state) ? session.grant : null;
  useEffect(() => listening.set(heardUnder === null ? null : { grant: heardUnder, finish }), [heardUnder, finish]);
  useEndWatch(session, end, () => happen({ type: 'last-minute' }));
  useEffect(() => {
    if (live && state.name === 'error') sound.pause();
  }, [live, state.name, sound]);
  const shown = isLive(state) || state.name === 'opening' ? session : null;
  return { state, session: shown, over, silent, sound, open, resume, retry, finish };
}

async function keptSession(recording: string): Promise<Session | null> {
  const id = keptFor(recording);
  if (id === null) return null;
  try {
    const session = await readSession(id);
    return whySessionOver(session) === null ? session : null;
  } catch {
    forgetKept(recording);
    return null;
  }
}
