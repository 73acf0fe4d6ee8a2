// Completeness page: for each source, its queues and the days of a week, what of the listed calls is stored.
import '../../components/list-card.css';
import './completeness.css';
import { useQuery } from '@tanstack/react-query';
import { CalendarDays, ChevronLeft, ChevronRight, Hourglass } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { serverNow } from '../../api/server-clock.ts';
import { ErrorCard } from '../../components/error-card.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { StateCard } from '../../components/state-card.tsx';
import { useTitle } from '../../components/use-title.ts';
import { dayAfter } from '../../i18n/days.ts';
import { useDays } from '../../i18n/use-days.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { countsQuery, DAYS, daysTo } from './queries.ts';
import { SourceCard } from './source-card.tsx';

export function CompletenessPage() {
  const { t } = useTranslation('completeness');
  useTitle(t('title'));
  const format = useFormat();
  const { dayMonth } = useDays();
  const today = format.day(new Date(serverNow()).toISOString());
  const [last, setLast] = useState(today);
  const days = daysTo(last);
  const counts = useQuery(countsQuery(days));
  const { data } = counts;
  const sources = (data?.sources ?? []).filter((source) => data?.data.some((one) => one.source === source) === true);
  const range = [days[0] ?? '', last].map(dayMonth).join(' – ');
  return (
    <div className="page scroll completeness-page">
      <header className="head mid wrap">
        <h1>{t('title')}</h1>
        <span className="dim">{t('line')}</span>
        <span className="grow" />
        <span className="row week">
          <button
            type="button"
            className="btn s"
            aria-label={t('earlier')}
            onClick={() => setLast(dayAfter(last, -DAYS))}
          >
            <ChevronLeft className="i s" />
          </button>
          <span aria-live="polite">{range}</span>
          <button
            type="button"
            className="btn s"
            aria-label={t('later')}
            disabled={last >= today}
            onClick={() => setLast([dayAfter(last, DAYS), today].sort()[0] ?? today)}
          >
            <ChevronRight className="i s" />
          </button>
        </span>
      </header>
      {data?.complete === false ? (
        <p className="warn-box">
          <Hourglass className="i s" /> {t('filling')}
        </p>
      ) : null}
      {counts.isPending ? (
        <section className="card list-card">
          <Skeleton />
        </section>
      ) : null}
      {counts.isError && data === undefined ? (
        <ErrorCard error={counts.error} title={t('error')} onRetry={() => void counts.refetch()} />
      ) : null}
      {data !== undefined && sources.length === 0 ? (
        <StateCard icon={CalendarDays} title={t(data.sources.length === 0 ? 'first' : 'empty')}>
          {t(data.sources.length === 0 ? 'first_text' : 'empty_text')}
        </StateCard>
      ) : null}
      {sources.map((source) => (
        <SourceCard
          key={source}
          source={source}
          days={days}
          independent={data?.senders.some((one) => one.source === source && one.independent) === true}
          counts={(data?.data ?? []).filter((one) => one.source === source)}
        />
      ))}
    </div>
  );
}
