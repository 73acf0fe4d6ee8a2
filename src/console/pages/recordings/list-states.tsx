// States without a list: no results, or the problem that kept it from loading.
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { AudioLines, Search, TriangleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { problemOf } from '../../api/problem.ts';
import { serverNow } from '../../api/server-clock.ts';
import { ErrorCard } from '../../components/error-card.tsx';
import { StateCard } from '../../components/state-card.tsx';
import { useFormat } from '../../i18n/use-format.ts';
import { useActiveFilters } from './chips.tsx';
import { anyRecordingQuery } from './use-recordings.ts';

export function EmptyList() {
  const { t } = useTranslation('recordings');
  const navigate = useNavigate();
  const { span, mine } = useSearch({ from: '/shell/recordings' });
  const { chips, clear } = useActiveFilters();
  const anything = useQuery(anyRecordingQuery);
  if (anything.isPending) return null;
  if (anything.data?.data.length === 0)
    return (
      <StateCard icon={AudioLines} title={t('empty.first')}>
        <p>{t('empty.first_text')}</p>
        <code className="mono curl">
          curl -T call.wav {location.origin}/v1/ingest/pbx/call-1 -H &quot;Authorization: Bearer cv_…&quot;
        </code>
      </StateCard>
    );
  const filtered = chips.length > 0 || mine !== undefined;
  const all = (): void => {
    clear();
    void navigate({ to: '/recordings', search: span === undefined ? {} : { span } });
  };
  const action = (
    <>
      {filtered ? (
        <button type="button" className="btn s" onClick={all}>
          {t('filter.clear')}
        </button>
      ) : null}
      {span === undefined ? (
        <button
          type="button"
          className={filtered ? 'btn s q' : 'btn s'}
          onClick={() => void navigate({ to: '/recordings', search: (search) => ({ ...search, span: '7d' }) })}
        >
          {t('empty.week')}
        </button>
      ) : null}
    </>
  );
  const lately = !filtered && span === undefined;
  return (
    <StateCard icon={Search} title={t(lately ? 'empty.none_lately' : 'empty.nothing')} action={action}>
      {t(lately ? 'empty.none_lately_text' : 'empty.nothing_text')}
    </StateCard>
  );
}

type Props = {
  readonly error: unknown;
  /** Time of the failure, by this machine's clock. */
  readonly at: number;
  readonly onRetry: () => void;
};

/** Problem in place of the list; for a used-up search budget, with the time when searching is possible again. */
export function ListError({ error, at, onRetry }: Props) {
  const { t } = useTranslation('recordings');
  const format = useFormat();
  const problem = problemOf(error);
  if (problem?.code !== 'too_many_searches') return <ErrorCard error={error} title={t('error')} onRetry={onRetry} />;
  const again = serverNow() + (at - Date.now()) + (problem.retryAfter ?? 0) * 1000;
  return (
    <StateCard icon={TriangleAlert} tone="no" title={t('limited.title')} requestId={problem.requestId}>
      {t('limited.text', { time: format.near(new Date(again).toISOString()) })}
    </StateCard>
  );
}
