// Says the time left aloud, at five minutes and at one, and no oftener.
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

const MINUTE_MS = 60_000;

export function TimeLeftAnnouncer({ left }: { readonly left: number }) {
  const { t } = useTranslation();
  const [said, setSaid] = useState<5 | 1 | null>(null);
  const [before, setBefore] = useState(left);
  useEffect(() => {
    const crossed = ([1, 5] as const).find((minutes) => before > minutes * MINUTE_MS && left <= minutes * MINUTE_MS);
    if (crossed !== undefined) setSaid(crossed);
    if (before !== left) setBefore(left);
  }, [left, before]);
  const words = said === null ? '' : said === 1 ? t('strip.one_minute_left') : t('strip.minutes_left', { minutes: 5 });
  return (
    <span className="sr" role="status">
      {words}
    </span>
  );
}
