// Lanes as a slider: a click seeks, a drag selects a range, keys do both, and the value is spoken.
import { type KeyboardEvent, type PointerEvent, type ReactNode, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Marks } from '../content/marks.ts';
import type { Who } from '../content/who.ts';
import type { Sound } from '../sound/sound.ts';
import { usePosition } from '../sound/use-sound.ts';
import { useSpokenTime } from '../time/spoken-time.ts';
import { speakersAt } from '../time/turns.ts';
import { useWhoLabel } from './use-speakers.ts';

type Props = {
  readonly sound: Sound;
  readonly duration: number;
  readonly voices: Marks['voices'];
  /** Who speaks in the voices; null where that is not known. */
  readonly speaking: readonly [Who, Who] | null;
  readonly children: ReactNode;
};

const DRAG_PX = 5;
const SPOKEN_EVERY_S = 5;
const PAGE_MS = 30_000;

export function PositionSlider({ sound, duration, voices, speaking, children }: Props) {
  const { t } = useTranslation('player');
  const label = useWhoLabel();
  const spoken = useSpokenTime();
  const down = useRef<{ readonly x: number; readonly ms: number } | null>(null);
  const [dragging, setDragging] = useState(false);
  // Updated every few seconds only: a constant announcement would cover the call.
  const seconds = usePosition(sound, (ms) => {
    const whole = Math.floor(ms / 1000);
    return sound.state.get().playing ? whole - (whole % SPOKEN_EVERY_S) : whole;
  });
  const spokenPosition = { at: spoken(seconds * 1000), of: spoken(duration) };
  // Without peaks and transcript the speaker is unknown.
  const known = speaking !== null && voices.some((spans) => spans.length > 0);
  const whoSpeaks = (lanes: readonly number[]): string => {
    if (lanes.length > 1) return t('both_speak');
    const who = speaking?.[lanes[0] ?? -1];
    if (who === undefined) return t('nobody_speaks');
    return who === 'agent' || who === 'customer' ? t(`${who}_speaks`) : t('speaker_speaks', { name: label(who) });
  };

  const msAt = (event: PointerEvent<HTMLElement>): number => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    return Math.max(0, Math.min(1, (event.clientX - left) / width)) * duration;
  };
  const begin = (event: PointerEvent<HTMLElement>): void => {
    if (event.button !== 0) return;
    down.current = { x: event.clientX, ms: msAt(event) };
    event.currentTarget.setPointerCapture(event.pointerId);
  };
  const move = (event: PointerEvent<HTMLElement>): void => {
    const from = down.current;
    if (from === null || (!dragging && Math.abs(event.clientX - from.x) < DRAG_PX)) return;
    setDragging(true);
    const [a, b] = [from.ms, msAt(event)].sort((one, other) => one - other);
    sound.change({ loop: { a: a ?? 0, b: b ?? 0, on: false } });
  };
  const leave = (event: PointerEvent<HTMLElement>): void => {
    const from = down.current;
    down.current = null;
    setDragging(false);
    if (from === null || event.type === 'pointercancel') return;
    if (!dragging) {
      sound.seek(from.ms);
      return;
    }
    const { loop } = sound.state.get();
    sound.change({ loop: { ...loop, on: true } });
    if (loop.a !== null) sound.seek(loop.a);
  };
  const press = (event: KeyboardEvent): void => {
    const to = keyTarget(event.key, sound.position(), duration);
    if (to === null || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    sound.seek(to);
  };

  return (
    <div
      className="wave"
      role="slider"
      tabIndex={0}
      aria-label={t('position')}
      aria-valuemin={0}
      aria-valuemax={Math.round(duration / 1000)}
      aria-valuenow={Math.min(seconds, Math.round(duration / 1000))}
      aria-valuetext={
        known
          ? t('position_value', {
              ...spokenPosition,
              speaking: whoSpeaks(speakersAt(voices, seconds * 1000 + 1)),
            })
          : t('position_alone', spokenPosition)
      }
      onPointerDown={begin}
      onPointerMove={move}
      onPointerUp={leave}
      onPointerCancel={leave}
      onKeyDown={press}
    >
      {children}
    </div>
  );
}

function keyTarget(key: string, at: number, duration: number): number | null {
  if (key === 'Home') return 0;
  if (key === 'End') return duration;
  if (key === 'PageUp') return at + PAGE_MS;
  return key === 'PageDown' ? at - PAGE_MS : null;
}
