// Transcript in step with the sound: a virtual list that follows, stops following when scrolled, and can be searched.
import './transcript-lines.css';
import { useVirtualizer } from '@tanstack/react-virtual';
import { ListEnd, Lock } from 'lucide-react';
import { useEffect, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { Hit } from '../content/search.ts';
import type { Line } from '../content/transcript.ts';
import type { Who } from '../content/who.ts';
import type { Comment, Speaker } from '../session/types.ts';
import type { Sound } from '../sound/sound.ts';
import { usePosition } from '../sound/use-sound.ts';
import { formatLength } from '../time/format-time.ts';
import { lineAt } from '../time/turns.ts';
import { TranscriptLine } from './transcript-line.tsx';

type Props = {
  readonly sound: Sound;
  readonly lines: readonly Line[];
  readonly language: string;
  readonly who: (line: Line) => Who;
  readonly speakerOf: (who: Who) => Speaker;
  readonly comments: readonly Comment[];
  readonly chosen: string | null;
  readonly hits: readonly Hit[];
  readonly hit: Hit | null;
  readonly follow: boolean;
  readonly onFollow: (follow: boolean) => void;
  readonly onComment: (id: string) => void;
};

const LINE_PX = 34;
const NO_HITS: readonly Hit[] = [];

export function TranscriptLines(props: Props) {
  const { sound, lines, language, who, speakerOf, hits, hit, follow, onFollow } = props;
  const { t } = useTranslation('player');
  const box = useRef<HTMLDivElement>(null);
  const now = usePosition(sound, (ms) => lineAt(lines, ms));
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => box.current,
    estimateSize: () => LINE_PX,
    overscan: 6,
    paddingStart: 8,
    paddingEnd: 40,
  });
  const goTo = useRef((_line: number): void => undefined);
  goTo.current = (line) => {
    const offset = rows.getOffsetForIndex(Math.max(0, line), 'start')?.[0];
    if (offset !== undefined) rows.scrollToOffset(Math.max(0, offset - (box.current?.clientHeight ?? 0) / 3));
  };
  useEffect(() => {
    if (!follow) return undefined;
    // The list knows its size only after its first render.
    const frame = requestAnimationFrame(() => goTo.current(now));
    return () => cancelAnimationFrame(frame);
  }, [follow, now]);
  useEffect(() => {
    if (hit !== null) goTo.current(hit.line);
  }, [hit]);
  const hitsByLine = useMemo(() => groupHits(hits), [hits]);
  const pins = pinsByLine(props);
  const stop = (): void => {
    if (follow) onFollow(false);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: the section around it is the region; this is its scroll container.
    <div
      ref={box}
      className="lines"
      role="group"
      aria-label={t('transcript')}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard.
      tabIndex={0}
      lang={language}
      onWheel={stop}
      onTouchMove={stop}
      onPointerDown={({ target, currentTarget }) => (target === currentTarget ? stop() : undefined)}
      onKeyDown={({ key }) =>
        key === 'PageUp' || key === 'PageDown' || key === 'Home' || key === 'End' ? stop() : undefined
      }
    >
      <ol style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map(({ index, start, key }) => {
          const line = lines[index];
          if (line === undefined) return null;
          const when = index === now ? 'now' : index < now ? 'heard' : 'todo';
          const look = line.pause === null ? `ln${when === 'heard' ? '' : ` ${when}`}` : 'gap';
          return (
            <li
              key={key}
              ref={rows.measureElement}
              data-index={index}
              className={look}
              style={{ transform: `translateY(${start}px)` }}
              aria-current={when === 'now' ? 'true' : undefined}
              aria-setsize={lines.length}
              aria-posinset={index + 1}
            >
              {line.pause === null ? (
                <TranscriptLine
                  line={line}
                  speaker={speakerOf(who(line))}
                  sound={sound}
                  when={when}
                  hits={hitsByLine.get(index) ?? NO_HITS}
                  currentHit={hit?.line === index ? hit : null}
                  pin={pins.get(index) ?? null}
                  onComment={props.onComment}
                />
              ) : (
                <PauseLine line={line} />
              )}
            </li>
          );
        })}
      </ol>
    </div>
  );
}

function PauseLine({ line }: { readonly line: Line }) {
  const { t } = useTranslation('player');
  const why = line.pause?.why ?? null;
  const label = t('paused', { length: formatLength(line.end - line.start) });
  return (
    <span>
      <Lock className="i s" />
      {why === null ? label : t('paused_why', { told: label, why })}
    </span>
  );
}

function groupHits(hits: readonly Hit[]): Map<number, Hit[]> {
  const map = new Map<number, Hit[]>();
  for (const hit of hits) map.set(hit.line, [...(map.get(hit.line) ?? []), hit]);
  return map;
}

function pinsByLine({ lines, comments, chosen }: Pick<Props, 'lines' | 'comments' | 'chosen'>) {
  return new Map(
    comments.map(({ id, start_ms: start }, n) => [
      Math.max(0, lineAt(lines, start)),
      { id, number: n + 1, on: id === chosen },
    ]),
  );
}

type FollowProps = { readonly follow: boolean; readonly onFollow: (follow: boolean) => void };

/** Button shown after following has stopped. */
export function BackToNow({ follow, onFollow }: FollowProps) {
  const { t } = useTranslation('player');
  return follow ? null : (
    <button type="button" className="btn q s" onClick={() => onFollow(true)}>
      <ListEnd className="i s" />
      {t('back_to_now')}
    </button>
  );
}
