// Labels of the lanes: speaker, and a button that mutes the lane.
import './lane-labels.css';
import { Volume2, VolumeX } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Speaker } from '../session/types.ts';
import type { Sound } from '../sound/sound.ts';
import { useSoundState } from '../sound/use-sound.ts';

type Props = {
  readonly sound: Sound;
  readonly speakers: readonly [Speaker, Speaker];
  readonly mono: boolean;
  /** Whether it is known who speaks. */
  readonly isKnown: boolean;
};

export function LaneLabels({ sound, speakers, mono, isKnown }: Props) {
  const { t } = useTranslation('player');
  const { lanes } = useSoundState(sound);
  if (mono) {
    return (
      <div className="lane-l">
        <span>
          <span className="nm">{t('one_track')}</span>
          <br />
          {isKnown ? <span className="ro">{t('one_track_hint')}</span> : null}
        </span>
      </div>
    );
  }
  const toggle = (lane: number): void => {
    const [agent, customer] = lanes;
    const flip = (gain: number): number => (gain === 0 ? 1 : 0);
    sound.change({ lanes: lane === 0 ? [flip(agent), customer] : [agent, flip(customer)] });
  };
  return speakers.map(({ name, role, initials, look }, lane) => {
    const off = lanes[lane] === 0;
    return (
      <div key={role} className="lane-l">
        <span className={`sp ${look}`} aria-hidden="true">
          {initials}
        </span>
        <span className="lane-n">
          <span className="nm cut">{name}</span>
          <br />
          <span className="ro">{role}</span>
        </span>
        <button
          type="button"
          className="btn q"
          aria-pressed={off}
          aria-label={t('mute_lane', { name })}
          onClick={() => toggle(lane)}
        >
          {off ? <VolumeX className="i s" /> : <Volume2 className="i s" />}
        </button>
      </div>
    );
  });
}
