// Volume: of everything, and of each lane.
import './volume.css';
import { Popover } from '@mantine/core';
import { Volume1, Volume2, VolumeX } from 'lucide-react';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import type { Sound } from '../sound/sound.ts';
import { useSoundState } from '../sound/use-sound.ts';

export function Volume({ sound }: { readonly sound: Sound }) {
  const { t } = useTranslation('player');
  const { volume, muted, lanes } = useSoundState(sound);
  const [agent, customer] = lanes;
  const Shape = muted || volume === 0 ? VolumeX : volume < 0.5 ? Volume1 : Volume2;
  return (
    <Popover position="bottom" withArrow trapFocus returnFocus>
      <Popover.Target>
        <button type="button" className="btn q sq ib" aria-label={t('volume')} title={t('volume')}>
          <Shape className="i" />
        </button>
      </Popover.Target>
      <Popover.Dropdown className="vol">
        <Range
          label={t('volume_all')}
          value={muted ? 0 : volume}
          onChange={(to) => sound.change({ volume: to, muted: false })}
        />
        <Range label={t('agent')} value={agent} onChange={(to) => sound.change({ lanes: [to, customer] })} />
        <Range label={t('customer')} value={customer} onChange={(to) => sound.change({ lanes: [agent, to] })} />
      </Popover.Dropdown>
    </Popover>
  );
}

type RangeProps = { readonly label: string; readonly value: number; readonly onChange: (to: number) => void };

function Range({ label, value, onChange }: RangeProps) {
  const { t } = useTranslation('player');
  const id = useId();
  const percent = Math.round(value * 100);
  return (
    <div className="vol-row">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type="range"
        min={0}
        max={100}
        step={5}
        value={percent}
        aria-valuetext={t('percent', { value: percent })}
        onChange={({ target }) => onChange(Number(target.value) / 100)}
      />
    </div>
  );
}
