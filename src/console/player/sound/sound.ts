// Sound of a recording: one media element, its state in a store, its position in each frame, and its removal.
import { createStore, type Store } from '../../state/store.ts';
import { addHeard, type Span } from '../time/spans.ts';
import { createLaneMixer } from './lane-sound.ts';
import { takeUnlockedMedia } from './listen-intent.ts';
import { jumpFrom, type Loop, NO_LOOP } from './loop.ts';

export type SoundState = {
  readonly playing: boolean;
  /** Whether playback has waited for bytes long enough to show it. */
  readonly buffering: boolean;
  readonly speed: number;
  readonly volume: number;
  readonly muted: boolean;
  /** One value for each lane, 0 to 1. */
  readonly lanes: readonly [number, number];
  readonly loop: Loop;
  readonly skipSilence: boolean;
};

export type Sound = {
  readonly media: HTMLAudioElement;
  readonly state: Store<SoundState>;
  readonly heard: Store<readonly Span[]>;
  /** In milliseconds. */
  readonly position: () => number;
  readonly duration: () => number;
  /** Calls the listener with the position in each frame while playing, and after each seek. */
  readonly onPosition: (listener: (ms: number) => void) => () => void;
  readonly load: (src: string, heard: readonly Span[], from: number) => void;
  /** Call this in the task of a click: it allows later playback in browsers that require a click. */
  readonly unlock: () => void;
  readonly play: () => void;
  readonly pause: () => void;
  /** Plays or pauses by the current state of the element, because the page may show an older one. */
  readonly toggle: () => void;
  readonly seek: (ms: number) => void;
  readonly change: (change: Partial<SoundState>) => void;
  readonly setSilences: (silences: readonly Span[]) => void;
  /** Stops at once and drops source and buffer. */
  readonly drop: () => void;
  /** Drops everything permanently. */
  readonly close: () => void;
};

const INITIAL_STATE: SoundState = {
  ...{ playing: false, buffering: false, speed: 1, volume: 1, muted: false, lanes: [1, 1] },
  ...{ loop: NO_LOOP, skipSilence: false },
};
/** Shorter seeks and gaps show no loading state. */
const BUSY_MS = 300;
const MAX_STEP_MS = 2500;

/** Creates a sound without a source. `length` is the duration from the service; `failed` is called on media errors. */
export function createSound(length: number, failed: (code: number, at: number) => void): Sound {
  const media = takeUnlockedMedia() ?? new Audio();
  media.preload = 'metadata';
  media.preservesPitch = true;
  const state = createStore<SoundState>(INITIAL_STATE);
  const heard = createStore<readonly Span[]>([]);
  const listeners = new Set<(ms: number) => void>();
  const lanes = createLaneMixer(media);
  let [frame, last, dropped] = [0, 0, false];
  let pending: number | null = null;
  let silences: readonly Span[] = [];
  let busyTimer: ReturnType<typeof setTimeout> | undefined;

  const position = (): number => pending ?? media.currentTime * 1000;
  const duration = (): number => (Number.isFinite(media.duration) ? media.duration * 1000 : length);
  const set = (change: Partial<SoundState>): void => {
    const before = state.get();
    const next = { ...before, ...change };
    if ((Object.keys(next) as (keyof SoundState)[]).some((key) => next[key] !== before[key])) state.set(next);
  };
  const emit = (): void => {
    for (const listener of [...listeners]) listener(position());
  };
  const busy = (isBusy: boolean): void => {
    clearTimeout(busyTimer);
    if (isBusy) busyTimer = setTimeout(() => set({ buffering: true }), BUSY_MS);
    else set({ buffering: false });
  };
  const seek = (ms: number): void => {
    if (dropped) return;
    const to = Math.max(0, Math.min(ms, duration()));
    last = to;
    if (media.readyState === HTMLMediaElement.HAVE_NOTHING) pending = to;
    else media.currentTime = to / 1000;
    emit();
  };
  const step = (): void => {
    const now = position();
    const grown = addHeard(heard.get(), last, now, MAX_STEP_MS);
    // Updates the store only when a visible value changes, not in each frame.
    if (
      grown !== heard.get() &&
      (now - last > 200 || Math.floor(now / 500) !== Math.floor(last / 500) || media.paused)
    ) {
      heard.set(grown);
      last = now;
    } else if (now < last || now - last > MAX_STEP_MS) last = now;
    const { loop, skipSilence } = state.get();
    const jump = media.paused ? null : jumpFrom(now, loop, skipSilence ? silences : []);
    if (jump === null) emit();
    else seek(jump);
  };
  const run = (): void => {
    step();
    frame = media.paused ? 0 : requestAnimationFrame(run);
  };

  const on = (name: keyof HTMLMediaElementEventMap, does: () => void): void => media.addEventListener(name, does);
  on('play', () => {
    set({ playing: true });
    cancelAnimationFrame(frame);
    run();
  });
  on('pause', () => {
    step();
    set({ playing: false, buffering: false });
  });
  on('ended', () => set({ playing: false }));
  on('timeupdate', step);
  on('seeking', () => busy(true));
  on('waiting', () => busy(true));
  for (const name of ['seeked', 'playing', 'canplay'] as const) on(name, () => busy(false));
  on('seeked', emit);
  on('loadedmetadata', () => {
    if (pending === null) return;
    media.currentTime = pending / 1000;
    pending = null;
  });
  on('error', () => {
    if (!dropped && media.error !== null) failed(media.error.code, position());
  });

  const apply = (): void => {
    const { speed, volume, muted, lanes: gains } = state.get();
    media.playbackRate = speed;
    media.volume = volume;
    media.muted = muted;
    lanes.set(gains);
  };

  const drop = (): void => {
    dropped = true;
    media.pause();
    media.removeAttribute('src');
    media.load();
    lanes.drop();
    cancelAnimationFrame(frame);
    clearTimeout(busyTimer);
    [pending, silences] = [null, []];
    heard.set([]);
    state.set(INITIAL_STATE);
  };

  const play = (): void => {
    if (dropped) return;
    lanes.wake();
    // At the end, playing starts again from the beginning.
    if (media.ended) seek(0);
    media.play().catch(() => set({ playing: false }));
  };

  return {
    media,
    state,
    heard,
    position,
    duration,
    onPosition: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    load: (src, before, from) => {
      dropped = false;
      heard.set(before);
      pending = from > 0 ? from : null;
      last = from;
      // The browser requests byte ranges by itself from here on.
      media.src = src;
      // A new source starts at normal speed, whatever was chosen.
      apply();
      emit();
    },
    unlock: () => {
      if (!media.hasAttribute('src')) media.load();
    },
    play,
    pause: () => media.pause(),
    toggle: () => {
      if (media.paused || media.ended) play();
      else media.pause();
    },
    seek,
    change: (change) => {
      set(change);
      apply();
    },
    setSilences: (list) => {
      silences = list;
    },
    drop,
    close: () => {
      drop();
      lanes.close();
    },
  };
}
