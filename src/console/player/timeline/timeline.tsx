// Tracks of a recording: lanes, marks, coverage and ruler on one scale, with one playhead.
import './timeline.css';
import { Lock, Scissors } from 'lucide-react';
import { useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { formatClock } from '../../i18n/format-clock.ts';
import { useStore } from '../../state/store.ts';
import { isCut, type Marks } from '../content/marks.ts';
import type { Peaks } from '../content/peaks.ts';
import type { Hit } from '../content/search.ts';
import type { Who } from '../content/who.ts';
import type { Comment, Speaker } from '../session/types.ts';
import type { PlayerContent } from '../session/use-content.ts';
import { rangeOf } from '../sound/loop.ts';
import type { Sound } from '../sound/sound.ts';
import { useEachPosition, useSoundState } from '../sound/use-sound.ts';
import { rulerMarks } from '../time/format-time.ts';
import { percentOf } from '../time/spans.ts';
import { LaneLabels } from './lane-labels.tsx';
import { MarksTrack } from './marks-track.tsx';
import { Overview } from './overview.tsx';
import { PositionSlider } from './position-slider.tsx';
import { leftPercent, spanStyle } from './scale.ts';
import { usePauseLabel } from './use-pause-label.ts';
import { Waveform } from './waveform.tsx';
import type { Zoom } from './zoom.tsx';
import { ZoomButtons } from './zoom.tsx';

type Props = {
  readonly sound: Sound;
  readonly peaks: Peaks | null;
  readonly waveform: PlayerContent['waveform'];
  readonly duration: number;
  readonly marks: Marks;
  readonly speakerOf: (who: Who) => Speaker;
  /** Who speaks in the voices of the marks; null where that is not known. */
  readonly speaking: readonly [Who, Who] | null;
  readonly comments: readonly Comment[];
  readonly chosen: string | null;
  readonly hits: readonly Hit[];
  readonly narrow: boolean;
  readonly zoom: Zoom;
  readonly onComment: (id: string) => void;
};

export function Timeline(props: Props) {
  const { sound, peaks, waveform, duration, marks, speakerOf, speaking, narrow } = props;
  const { t } = useTranslation('player');
  const head = useRef<HTMLSpanElement>(null);
  const last = useRef({ ms: 0, at: 0 });
  const { factor: zoom, view } = props.zoom;
  const { buffering: busy, playing, speed } = useSoundState(sound);
  useEachPosition(sound, (ms) => {
    const [before, at] = [last.current, performance.now()];
    if (head.current !== null) head.current.style.left = leftPercent(ms, duration);
    // A frame may come late, and playback has gone on meanwhile.
    const playedMs = playing ? (at - before.at) * speed : 0;
    const isSeek = Math.abs(ms - before.ms) > playedMs + SEEK_MS;
    if (zoom > 1 && view.current !== null) keepInView(view.current, before.ms / duration, ms / duration, isSeek);
    last.current = { ms, at };
  });
  const mono = peaks === null || peaks.lanes.length < 2;
  const laneHeight = mono ? 104 : 52;
  return (
    <div className={`tl${mono ? ' mono' : ''}${peaks === null ? ' plain' : ''}`}>
      <div className="tl-side">
        {peaks === null ? (
          <div className="lane-l">{t('call')}</div>
        ) : (
          <LaneLabels
            sound={sound}
            speakers={[speakerOf('agent'), speakerOf('customer')]}
            mono={mono}
            isKnown={speaking !== null}
          />
        )}
        <span className="lb">{t('marks')}</span>
        <HeardLabel sound={sound} duration={duration} />
      </div>
      <div className={`tl-view${zoom > 1 ? ' zoomed' : ''}`} ref={view}>
        <div className="tl-inner" style={{ width: `${zoom * 100}%` }}>
          <PositionSlider sound={sound} duration={duration} voices={marks.voices} speaking={speaking}>
            <LoopRange sound={sound} duration={duration} />
            {peaks === null ? (
              <p className="no-wave">{t(waveform === 'failed' ? 'waveform_failed' : 'waveform_missing')}</p>
            ) : (
              <Waveform sound={sound} peaks={peaks} duration={duration} laneHeight={laneHeight} />
            )}
            {mono && speaking !== null ? <SpeakerStrip voices={marks.voices} duration={duration} /> : null}
            <RedactionCovers marks={marks} duration={duration} mono={mono} />
          </PositionSlider>
          <MarksTrack {...props} />
          <HeardTrack sound={sound} duration={duration} />
          <Ruler duration={duration} zoom={zoom} narrow={narrow} />
          <span ref={head} className={`head-line${busy ? ' busy' : ''}`} aria-hidden="true" />
        </div>
      </div>
      <ZoomButtons zoom={props.zoom} duration={duration} />
      {zoom > 1 ? <Overview sound={sound} peaks={peaks} duration={duration} zoom={zoom} view={view} /> : null}
    </div>
  );
}

/** A step longer than playback by this is a seek. */
const SEEK_MS = 200;

/**
 * Scrolls page by page with the playhead, without animation, and to every seek. Leaves a view where the person
 * scrolled it, if the playhead is outside.
 */
function keepInView(view: HTMLElement, before: number, share: number, isSeek: boolean): void {
  const [then, at] = [before * view.scrollWidth, share * view.scrollWidth];
  const isShown = (x: number): boolean => x >= view.scrollLeft && x <= view.scrollLeft + view.clientWidth * 0.92;
  if (isShown(at)) return;
  if (isShown(then) || isSeek) view.scrollLeft = at - view.clientWidth * 0.1;
}

function LoopRange({ sound, duration }: { readonly sound: Sound; readonly duration: number }) {
  const { loop } = useSoundState(sound);
  const range = rangeOf(loop);
  if (range === null) {
    return loop.a === null ? null : (
      <div className="loop only-a" style={{ left: leftPercent(loop.a, duration) }}>
        <i>A</i>
      </div>
    );
  }
  return (
    <div className={`loop${loop.on ? '' : ' off'}`} style={spanStyle(range, duration)}>
      <i>A</i>
      <i>B</i>
    </div>
  );
}

type RedactionCoversProps = { readonly marks: Marks; readonly duration: number; readonly mono: boolean };

/** Covers of pauses and redactions over the lanes, which have no sound there. */
function RedactionCovers({ marks, duration, mono }: RedactionCoversProps) {
  const labelOf = usePauseLabel();
  return (
    <>
      {marks.pauses.map((pause) => {
        const [cut, label] = [isCut(pause), labelOf(pause)];
        return (
          <span
            key={`${pause.start}-${pause.end}`}
            className={`paused${cut ? ' cut' : ''}`}
            style={spanStyle(pause, duration)}
            title={label}
          >
            {cut ? <Scissors className="i" /> : <Lock className="i" />}
            {cut ? null : <span className="paused-why">{label}</span>}
          </span>
        );
      })}
      {marks.redactions.map((one) => (
        <span
          key={`${one.channel}-${one.start}`}
          className={`rd ${mono ? 'all' : one.channel === 0 ? 'a' : 'c'}`}
          style={spanStyle(one, duration)}
        />
      ))}
    </>
  );
}

const LANES = ['a', 'c'];

function SpeakerStrip({ voices, duration }: { readonly voices: Marks['voices']; readonly duration: number }) {
  return (
    <span className="who-strip">
      {voices.flatMap((spans, lane) =>
        spans.map((span) => (
          <i
            key={`${LANES[lane] ?? ''}${span.start}`}
            className={LANES[lane] ?? ''}
            style={spanStyle(span, duration)}
          />
        )),
      )}
    </span>
  );
}

function HeardLabel({ sound, duration }: { readonly sound: Sound; readonly duration: number }) {
  const { t } = useTranslation('player');
  const heard = useStore(sound.heard);
  return (
    <span className="lb" title={t('heard_hint')}>
      {t('heard')} <b>{t('percent', { value: percentOf(heard, duration) })}</b>
    </span>
  );
}

function HeardTrack({ sound, duration }: { readonly sound: Sound; readonly duration: number }) {
  const heard = useStore(sound.heard);
  return (
    <div className="heard" aria-hidden="true">
      {heard.map((span) => (
        <i key={span.start} style={spanStyle(span, duration)} />
      ))}
    </div>
  );
}

type RulerProps = { readonly duration: number; readonly zoom: number; readonly narrow: boolean };

function Ruler({ duration, zoom, narrow }: RulerProps) {
  const marks = useMemo(() => rulerMarks(duration, (narrow ? 7 : 10) * zoom), [duration, zoom, narrow]);
  return (
    <div className="ruler" aria-hidden="true">
      {marks.map((at) => (
        <span key={at} style={{ left: leftPercent(at, duration) }}>
          {formatClock(at).replace(/^0/, '')}
        </span>
      ))}
    </div>
  );
}
