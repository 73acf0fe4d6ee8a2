// Overview of a long recording: the visible range, the playhead, and a click to seek.
import './overview.css';
import { type PointerEvent, type RefObject, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { Peaks } from '../content/peaks.ts';
import type { Sound } from '../sound/sound.ts';
import { useEachPosition } from '../sound/use-sound.ts';
import { leftPercent } from './scale.ts';

type Props = {
  readonly sound: Sound;
  /** Null without peaks; then the band has no bars. */
  readonly peaks: Peaks | null;
  readonly duration: number;
  readonly zoom: number;
  readonly view: RefObject<HTMLDivElement | null>;
};

const BARS = 400;

export function Overview({ sound, peaks, duration, zoom, view }: Props) {
  const { t } = useTranslation('player');
  const canvas = useRef<HTMLCanvasElement>(null);
  const frame = useRef<HTMLSpanElement>(null);
  const head = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    if (canvas.current !== null) drawBars(canvas.current, peaks);
  }, [peaks]);
  useEachPosition(sound, (ms) => {
    if (head.current !== null) head.current.style.left = leftPercent(ms, duration);
  });
  useEffect(() => {
    const tracks = view.current;
    if (tracks === null) return undefined;
    const move = (): void => {
      if (frame.current === null) return;
      frame.current.style.width = `${100 / zoom}%`;
      frame.current.style.left = `${((tracks.scrollLeft / Math.max(1, tracks.scrollWidth)) * 100).toFixed(3)}%`;
    };
    tracks.addEventListener('scroll', move, { passive: true });
    move();
    return () => tracks.removeEventListener('scroll', move);
  }, [view, zoom]);
  const go = (event: PointerEvent<HTMLButtonElement>): void => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    sound.seek(((event.clientX - left) / width) * duration);
  };
  // Pointer only: the slider above serves the keyboard.
  return (
    <button type="button" className="overview" tabIndex={-1} aria-label={t('overview')} onPointerDown={go}>
      <canvas ref={canvas} width={BARS * 2} height={24} />
      <span ref={frame} className="ov-view" />
      <span ref={head} className="ov-head" />
    </button>
  );
}

function drawBars(canvas: HTMLCanvasElement, peaks: Peaks | null): void {
  const context = canvas.getContext('2d');
  if (context === null) return;
  context.clearRect(0, 0, canvas.width, canvas.height);
  if (peaks === null) return;
  const { lanes } = peaks;
  const count = lanes[0]?.length ?? 0;
  context.fillStyle = getComputedStyle(canvas).color;
  for (let bar = 0; bar < BARS; bar += 1) {
    const [from, to] = [Math.floor((bar * count) / BARS), Math.ceil(((bar + 1) * count) / BARS)];
    const loud = lanes.map((lane) => lane.subarray(from, to).reduce((one, other) => Math.max(one, other), 0));
    const height = Math.max(1, Math.max(...loud, 0) * canvas.height);
    context.fillRect(bar * 2, (canvas.height - height) / 2, 1, height);
  }
}
