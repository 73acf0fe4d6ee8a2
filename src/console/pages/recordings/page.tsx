// Recordings page: finding calls, and the person's access to each.
import './recordings.css';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Skeleton } from '../../components/skeleton.tsx';
import { useTitle } from '../../components/use-title.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { ActiveFilters } from './chips.tsx';
import { Filters } from './filters.tsx';
import { EmptyList, ListError } from './list-states.tsx';
import { NewCallsBar, useNewCalls } from './new-calls.tsx';
import { ACCESS_FILTERS } from './search-params.ts';
import { useSpanText } from './span-filter.tsx';
import { RecordingsTable } from './table.tsx';
import { useRecordings } from './use-recordings.ts';

export function RecordingsPage() {
  const { t } = useTranslation('recordings');
  useTitle(t('title'));
  const navigate = useNavigate();
  const format = useFormat();
  const spanWords = useSpanText();
  const { list, rows, isComplete, search, asked, readAnew } = useRecordings();
  const { fresh, more, anew, show } = useNewCalls(asked, list.isSuccess ? rows : null, readAnew);
  const readMore = (): void => void list.fetchNextPage();
  return (
    <div className="page recs-page">
      <header className="head">
        <h1>{t('title')}</h1>
        <span className="dim sub-line">{t('in_zone', { span: spanWords(search.span), zone: format.timeZone })}</span>
        <span className="grow" />
        <NewCallsBar count={fresh} more={more} show={show} />
        <fieldset className="seg">
          <legend className="sr">{t('mine.label')}</legend>
          {(['all', ...ACCESS_FILTERS] as const).map((mine) => (
            <button
              key={mine}
              type="button"
              aria-pressed={(search.mine ?? 'all') === mine}
              onClick={() =>
                void navigate({
                  to: '/recordings',
                  search: ({ mine: _, ...rest }) => (mine === 'all' ? rest : { ...rest, mine }),
                })
              }
            >
              {t(`mine.${mine}`)}
            </button>
          ))}
        </fieldset>
      </header>
      <Filters />
      <ActiveFilters />
      {list.isPending ? (
        <section className="card list">
          <Skeleton rows={8} />
        </section>
      ) : null}
      {list.isError && rows.length === 0 ? (
        <ListError error={list.error} at={list.errorUpdatedAt} onRetry={() => void list.refetch()} />
      ) : null}
      {isComplete ? null : (
        <p className="dim" role="status">
          {t('incomplete')}
        </p>
      )}
      {list.isSuccess && rows.length === 0 ? <EmptyList /> : null}
      {rows.length > 0 ? (
        <RecordingsTable
          key={JSON.stringify(search)}
          rows={rows}
          anew={anew}
          more={list.hasNextPage}
          loading={list.isFetchingNextPage}
          readMore={readMore}
        />
      ) : null}
    </div>
  );
}
