// Playback controls: play, steps, turns, speed, skip silence, loop, follow, volume, comment.
import './transport.css';
import {
  AudioLines,
  ChevronDown,
  ListEnd,
  MessageSquare,
  Pause,
  Play,
  Repeat2,
  RotateCcw,
  RotateCw,
  SkipBack,
  SkipForward,
  X,
} from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { formatClock } from '../../i18n/format-clock.ts';
import { NO_LOOP, rangeOf, withEnd, withStart } from '../sound/loop.ts';
import type { Sound } from '../sound/sound.ts';
import { usePosition, useSoundState } from '../sound/use-sound.ts';
import { formatLength, formatPosition } from '../time/format-time.ts';
import { SPEEDS } from './shortcuts.ts';
import { Volume } from './volume.tsx';

export type ControlsProps = {
  readonly sound: Sound;
  readonly duration: number;
  readonly follow: boolean;
  readonly onFollow: () => void;
  readonly onTurn: (by: 1 | -1) => void;
  readonly onComment: () => void;
};

const STEP_MS = 5000;

export function ControlBar({ sound, duration, follow, onFollow, onTurn, onComment }: ControlsProps) {
  const { t } = useTranslation('player');
  return (
    <fieldset className="trans" aria-label={t('controls')}>
      <IconButton label={t('previous_turn')} onClick={() => onTurn(-1)}>
        <SkipBack className="i" />
      </IconButton>
      <Steps sound={sound} by={-1} />
      <PlayButton sound={sound} />
      <Steps sound={sound} by={1} />
      <IconButton label={t('next_turn')} onClick={() => onTurn(1)}>
        <SkipForward className="i" />
      </IconButton>
      <Clock sound={sound} duration={duration} />
      <span className="sep" />
      <Speed sound={sound} />
      <SkipSilence sound={sound} />
      <LoopButton sound={sound} />
      <button type="button" className="btn s q" aria-pressed={follow} onClick={onFollow}>
        <ListEnd className="i s" />
        <span className="lab">{t('follow')}</span>
      </button>
      <Volume sound={sound} />
      <span className="grow" />
      <button type="button" className="btn s" onClick={onComment}>
        <MessageSquare className="i s" />
        {t('comment')}
        <kbd>C</kbd>
      </button>
    </fieldset>
  );
}

/** Controls for a phone: two rows within thumb reach, each target 44 px. */
export function ThumbControls({ sound, duration, follow, onFollow, onComment }: Omit<ControlsProps, 'onTurn'>) {
  const { t } = useTranslation('player');
  return (
    <fieldset className="thumbs" aria-label={t('controls')}>
      <div className="row">
        <Clock sound={sound} duration={duration} />
        <span className="grow" />
        <Speed sound={sound} />
        <LoopButton sound={sound} short />
      </div>
      <div className="row big">
        <IconButton label={t('follow')} pressed={follow} onClick={onFollow}>
          <ListEnd className="i l" />
        </IconButton>
        <Steps sound={sound} by={-1} />
        <PlayButton sound={sound} />
        <Steps sound={sound} by={1} />
        <IconButton label={t('comment')} onClick={onComment}>
          <MessageSquare className="i l" />
        </IconButton>
      </div>
    </fieldset>
  );
}

type IconProps = {
  readonly label: string;
  readonly pressed?: boolean;
  readonly onClick: () => void;
  readonly children: ReactNode;
};

function IconButton({ label, pressed, onClick, children }: IconProps) {
  return (
    <button
      type="button"
      className="btn q sq ib"
      aria-label={label}
      title={label}
      aria-pressed={pressed}
      onClick={onClick}
    >
      {children}
    </button>
  );
}

function Steps({ sound, by }: { readonly sound: Sound; readonly by: 1 | -1 }) {
  const { t } = useTranslation('player');
  const Arrow = by < 0 ? RotateCcw : RotateCw;
  return (
    <IconButton label={t(by < 0 ? 'back_5' : 'on_5')} onClick={() => sound.seek(sound.position() + by * STEP_MS)}>
      <Arrow className="i" />
      <em aria-hidden="true">5</em>
    </IconButton>
  );
}

function PlayButton({ sound }: { readonly sound: Sound }) {
  const { t } = useTranslation('player');
  const { playing, buffering: busy } = useSoundState(sound);
  return (
    <>
      <button
        type="button"
        className={`play${busy && playing ? ' busy' : ''}`}
        aria-label={t(playing ? 'pause' : 'play')}
        onClick={sound.toggle}
      >
        {playing ? <Pause className="i l fill" /> : <Play className="i l fill" />}
      </button>
      <span className="sr" role="status">
        {busy && playing ? t('buffering') : ''}
      </span>
    </>
  );
}

function Clock({ sound, duration }: { readonly sound: Sound; readonly duration: number }) {
  const now = usePosition(sound, (ms) => formatPosition(ms, duration));
  return (
    <span className="clock">
      {now} <span>/ {formatClock(duration)}</span>
    </span>
  );
}

function Speed({ sound }: { readonly sound: Sound }) {
  const { t } = useTranslation('player');
  const { speed } = useSoundState(sound);
  return (
    <span className="speed">
      <select
        aria-label={t('speed')}
        value={speed}
        onChange={({ target }) => sound.change({ speed: Number(target.value) })}
      >
        {SPEEDS.map((one) => (
          <option key={one} value={one}>
            {t('times', { value: one })}
          </option>
        ))}
      </select>
      <ChevronDown className="i s" />
    </span>
  );
}

function SkipSilence({ sound }: { readonly sound: Sound }) {
  const { t } = useTranslation('player');
  const { skipSilence } = useSoundState(sound);
  return (
    <button
      type="button"
      className="btn s q"
      aria-pressed={skipSilence}
      onClick={() => sound.change({ skipSilence: !skipSilence })}
    >
      <AudioLines className="i s" />
      <span className="lab">{t('skip_silence')}</span>
    </button>
  );
}

/** Loop button with three presses: set A, set B, toggle; a second button clears the loop. */
function LoopButton({ sound, short = false }: { readonly sound: Sound; readonly short?: boolean }) {
  const { t } = useTranslation('player');
  const { loop } = useSoundState(sound);
  const range = rangeOf(loop);
  const press = (): void => {
    if (range !== null) sound.change({ loop: { ...loop, on: !loop.on } });
    else sound.change({ loop: loop.a === null ? withStart(loop, sound.position()) : withEnd(loop, sound.position()) });
  };
  const label = t(range !== null ? 'loop_toggle' : loop.a === null ? 'loop_set_a' : 'loop_set_b');
  const begun = loop.a === null ? '' : ` ${formatClock(loop.a)}…`;
  const rangeText = range === null ? begun : ` ${formatLength(range.end - range.start)}`;
  return (
    <span className="ab">
      <button type="button" className="btn s" aria-pressed={loop.on} title={label} onClick={press}>
        <Repeat2 className="i s" />
        <span className={short || rangeText === '' ? undefined : 'lab'}>{t('loop')}</span>
        {short ? null : rangeText}
        <span className="sr"> {label}</span>
      </button>
      {loop.a === null ? null : (
        <button
          type="button"
          className="btn q s sq"
          aria-label={t('loop_clear')}
          onClick={() => sound.change({ loop: NO_LOOP })}
        >
          <X className="i s" />
        </button>
      )}
    </span>
  );
}
