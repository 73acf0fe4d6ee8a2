// Screen-reader announcement of the remaining time, at five minutes and at one.
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

const MINUTE_MS = 60_000;

export function TimeLeftAnnouncer({ left }: { readonly left: number }) {
  const { t } = useTranslation();
  const [announced, setAnnounced] = useState<5 | 1 | null>(null);
  const [before, setBefore] = useState(left);
  useEffect(() => {
    const crossed = ([1, 5] as const).find((minutes) => before > minutes * MINUTE_MS && left <= minutes * MINUTE_MS);
    if (crossed !== undefined) setAnnounced(crossed);
    if (before !== left) setBefore(left);
  }, [left, before]);
  const words =
    announced === null ? '' : announced === 1 ? t('strip.one_minute_left') : t('strip.minutes_left', { minutes: 5 });
  return (
    <span className="sr" role="status">
      {words}
    </span>
  );
}
