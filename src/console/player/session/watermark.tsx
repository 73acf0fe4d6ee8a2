// Watermark over waveform and transcript: who listens, when, under which grant. It deters and traces; it prevents
// nothing.
import './watermark.css';
import { useId } from 'react';
import { useFormat } from '../../i18n/use-format.ts';
import type { Session } from './types.ts';

export function Watermark({ watermark }: { readonly watermark: Session['watermark'] }) {
  const id = useId();
  const format = useFormat();
  const at = `${format.day(watermark.at)} ${format.time(watermark.at)}`;
  const text = `${watermark.person ?? ''} · ${at} · ${watermark.grant.slice(0, 10)}…`;
  return (
    <div className="wm" aria-hidden="true">
      {/* biome-ignore lint/a11y/noSvgWithoutTitle: hidden from screen readers; it names the person who is reading. */}
      <svg>
        <defs>
          <pattern id={id} width="640" height="132" patternUnits="userSpaceOnUse" patternTransform="rotate(-16)">
            <text x="0" y="20">
              {text}
            </text>
            <text x="320" y="86">
              {text}
            </text>
          </pattern>
        </defs>
        <rect width="100%" height="100%" fill={`url(#${id})`} />
      </svg>
    </div>
  );
}
