// Lanes drawn by wavesurfer from the peaks; given peaks and duration, it fetches nothing.
import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useMemo, useRef } from 'react';
import WaveSurfer from 'wavesurfer.js';
import { styleNonce } from '../../theme/theme.ts';
import type { Peaks } from '../content/peaks.ts';
import type { Sound } from '../sound/sound.ts';

type Props = { readonly sound: Sound; readonly peaks: Peaks; readonly duration: number; readonly laneHeight: number };

const LANES = [
  { wave: '--cv-agent', played: '--cv-agent-played' },
  { wave: '--cv-customer', played: '--cv-customer-played' },
];
const MONO = [{ wave: '--cv-text-3', played: '--cv-text' }];

/** Redrawn when the theme changes, because its colours come from the tokens. */
export function Waveform(props: Props) {
  return <WaveformCanvas key={useComputedColorScheme('light')} {...props} />;
}

function WaveformCanvas({ sound, peaks, duration, laneHeight }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const lanes = useMemo(() => normalizeLanes(peaks), [peaks]);
  useEffect(() => {
    const container = box.current;
    if (container === null) return undefined;
    const colours = getComputedStyle(document.documentElement);
    const named = lanes.length > 1 ? LANES : MONO;
    const nonce = styleNonce();
    const wave = WaveSurfer.create({
      container,
      media: sound.media,
      peaks: [...lanes],
      duration: duration / 1000,
      height: laneHeight,
      barWidth: 2,
      barGap: 1,
      barMinHeight: 2,
      cursorWidth: 0,
      interact: false,
      autoScroll: false,
      hideScrollbar: true,
      maxPeak: 1,
      splitChannels: named.slice(0, lanes.length).map(({ wave: ahead, played }) => ({
        waveColor: colours.getPropertyValue(ahead).trim(),
        progressColor: colours.getPropertyValue(played).trim(),
      })),
      ...(nonce === '' ? {} : { cspNonce: nonce }),
    });
    return () => wave.destroy();
  }, [sound, lanes, duration, laneHeight]);
  return <div ref={box} className="wf" aria-hidden="true" />;
}

/** Scales all lanes by the loudest, so that quiet calls are drawn as tall as loud ones. */
function normalizeLanes({ lanes }: Peaks): Float32Array[] {
  const loudest = lanes.reduce((most, lane) => lane.reduce((one, other) => Math.max(one, other), most), 0);
  return lanes.map((lane) => (loudest === 0 ? lane : lane.map((value) => value / loudest)));
}
