// Following the sound from components: its state, its position now and then, and frame by frame without drawing.
import { useEffect, useRef, useState } from 'react';
import { useStore } from '../../state/store.ts';
import type { Sound, SoundState } from './sound.ts';

/** The state of the sound. */
export function useSoundState(sound: Sound): SoundState {
  return useStore(sound.state);
}

/** What `read` says of the position, drawn again only when it says something else. */
export function usePosition<T extends string | number | null>(sound: Sound, read: (ms: number) => T): T {
  const [value, setValue] = useState(() => read(sound.position()));
  const reader = useRef(read);
  reader.current = read;
  useEffect(() => {
    const follow = (ms: number): void => setValue(reader.current(ms));
    follow(sound.position());
    return sound.onPosition(follow);
  }, [sound]);
  return value;
}

/** Calls `draw` for each position without drawing the component again. */
export function useEachPosition(sound: Sound, draw: (ms: number) => void): void {
  const drawer = useRef(draw);
  drawer.current = draw;
  useEffect(() => {
    const follow = (ms: number): void => drawer.current(ms);
    follow(sound.position());
    return sound.onPosition(follow);
  }, [sound]);
}
