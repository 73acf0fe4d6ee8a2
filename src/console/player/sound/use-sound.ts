// Hooks for the sound: its state, and its position with or without rerendering.
import { useEffect, useRef, useState } from 'react';
import { useStore } from '../../state/store.ts';
import type { Sound, SoundState } from './sound.ts';

/** State of the sound. */
export function useSoundState(sound: Sound): SoundState {
  return useStore(sound.state);
}

/** Value that `read` derives from the position; rerenders only when the value changes. */
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

/** Calls `draw` for each position, without rerendering. */
export function useEachPosition(sound: Sound, draw: (ms: number) => void): void {
  const drawer = useRef(draw);
  drawer.current = draw;
  useEffect(() => {
    const follow = (ms: number): void => drawer.current(ms);
    follow(sound.position());
    return sound.onPosition(follow);
  }, [sound]);
}
