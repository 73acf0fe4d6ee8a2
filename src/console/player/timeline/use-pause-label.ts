// Words for a pause of the recording: what it is, why, and how long.
import { useTranslation } from 'react-i18next';
import { isCut, type Pause } from '../content/marks.ts';
import { formatLength } from '../time/format-time.ts';

/** Words for a pause, in the current language. */
export function usePauseLabel(): (pause: Pause) => string {
  const { t } = useTranslation('player');
  return (pause) => {
    const length = isCut(pause) ? t('pause_cut') : t('paused', { length: formatLength(pause.end - pause.start) });
    const known = REASONS.find((one) => one === pause.reason);
    const why = known === undefined ? pause.why : t(`pause_reason.${known}`);
    return why === null ? length : t('paused_why', { told: length, why });
  };
}

const REASONS = ['payment-card', 'privacy', 'other'] as const;
