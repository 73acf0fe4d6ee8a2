// Zoom of the timeline: its state and buttons.
import { ZoomIn, ZoomOut } from 'lucide-react';
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Sound } from '../sound/sound.ts';
import { initialZoom, stepZoom } from './scale.ts';

export type Zoom = {
  /** Width of the tracks as a multiple of the view. */
  readonly factor: number;
  readonly view: RefObject<HTMLDivElement | null>;
  readonly step: (by: 1 | -1) => void;
  /** Restores the initial zoom. */
  readonly reset: () => void;
};

type Anchor = { readonly share: number; readonly offset: number };

/** A wheel moves in small amounts; this much is one step. */
const WHEEL_STEP = 40;

export function useZoom(sound: Sound, duration: number): Zoom {
  const view = useRef<HTMLDivElement>(null);
  const [factor, setFactor] = useState(() => initialZoom(duration));
  const anchor = useRef<Anchor | null>(null);

  const change = useCallback(
    (next: (now: number) => number, at?: number) => {
      if (view.current !== null) anchor.current = anchorOf(view.current, sound.position() / Math.max(1, duration), at);
      setFactor(next);
    },
    [sound, duration],
  );
  const step = useCallback((by: 1 | -1) => change((now) => stepZoom(now, by, duration)), [change, duration]);
  const reset = useCallback(() => change(() => initialZoom(duration)), [change, duration]);

  useLayoutEffect(() => {
    const [tracks, kept] = [view.current, anchor.current];
    anchor.current = null;
    // Runs after the new factor has changed the width.
    if (tracks !== null && kept !== null && factor >= 1)
      tracks.scrollLeft = kept.share * tracks.scrollWidth - kept.offset;
  }, [factor]);

  useEffect(() => {
    const tracks = view.current;
    let turned = 0;
    const wheel = (event: WheelEvent): void => {
      // Pinching on a trackpad arrives as a wheel event too.
      if (!event.ctrlKey) return;
      event.preventDefault();
      turned += event.deltaY;
      if (Math.abs(turned) < WHEEL_STEP) return;
      const by = turned < 0 ? 1 : -1;
      turned = 0;
      change((now) => stepZoom(now, by, duration), event.clientX);
    };
    tracks?.addEventListener('wheel', wheel, { passive: false });
    return () => tracks?.removeEventListener('wheel', wheel);
  }, [change, duration]);

  return { factor, view, step, reset };
}

/** The point that keeps its position: under the pointer, or else the playhead, or else the middle of the view. */
function anchorOf(view: HTMLElement, played: number, at: number | undefined): Anchor {
  const share = (offset: number): number => (view.scrollLeft + offset) / Math.max(1, view.scrollWidth);
  if (at !== undefined) {
    const offset = at - view.getBoundingClientRect().left;
    return { share: share(offset), offset };
  }
  const head = played * view.scrollWidth - view.scrollLeft;
  if (head >= 0 && head <= view.clientWidth) return { share: played, offset: head };
  return { share: share(view.clientWidth / 2), offset: view.clientWidth / 2 };
}

type Props = { readonly zoom: Zoom; readonly duration: number };

export function ZoomButtons({ zoom: { factor, step }, duration }: Props) {
  const { t } = useTranslation('player');
  const button = (by: 1 | -1, label: string) => (
    <button
      type="button"
      className="btn q s sq"
      aria-label={label}
      title={label}
      disabled={stepZoom(factor, by, duration) === factor}
      onClick={() => step(by)}
    >
      {by > 0 ? <ZoomIn className="i s" /> : <ZoomOut className="i s" />}
    </button>
  );
  return (
    <div className="zoom">
      {button(-1, t('zoom_out'))}
      <span role="status" aria-label={t('zoom_now', { value: factorText(factor) })}>
        {t('times', { value: factorText(factor) })}
      </span>
      {button(1, t('zoom_in'))}
    </div>
  );
}

function factorText(factor: number): string {
  return factor < 10 ? String(Math.round(factor * 10) / 10) : String(Math.round(factor));
}
