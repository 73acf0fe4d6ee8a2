// Why the list is empty: nothing was ever uploaded, nothing lately, or nothing fits the filters.
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { AudioLines, Search } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { StateCard } from '../../components/state-card.tsx';
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
