// Zoom for the pointer: in, out, and how far it is now.
import { ZoomIn, ZoomOut } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { stepZoom } from './scale.ts';
import type { Zoom } from './use-zoom.ts';

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
