// Times in words for screen readers: "3 minutes 27 seconds", 3 分 27 秒.
import { useTranslation } from 'react-i18next';
import { clockParts } from './format-time.ts';

/** A time in words of the current language. */
export function useSpokenTime(): (ms: number) => string {
  const { t } = useTranslation('player');
  return (ms) => {
    const { hours, minutes, seconds } = clockParts(ms);
    const parts = [
      hours > 0 ? t('hours', { count: hours }) : '',
      minutes > 0 ? t('minutes', { count: minutes }) : '',
      seconds > 0 || hours + minutes === 0 ? t('seconds', { count: seconds }) : '',
    ];
    return parts.filter((part) => part !== '').join(t('time_joint'));
  };
}
