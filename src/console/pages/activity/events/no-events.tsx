// Empty table: because there is no such event yet, or because none matches the filters.
import { Search, ShieldCheck } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { StateCard } from '../../../components/state-card.tsx';

type Props = {
  /** Whether the filters are the default ones. */
  readonly untouched: boolean;
  readonly onAll: () => void;
  readonly onClear: () => void;
};

export function NoEvents({ untouched, onAll, onClear }: Props) {
  const { t } = useTranslation('activity');
  return (
    <StateCard
      bare
      icon={untouched ? ShieldCheck : Search}
      title={t(untouched ? 'quiet' : 'no_match')}
      action={
        <button type="button" className="btn s" onClick={untouched ? onAll : onClear}>
          {t(untouched ? 'show_all' : 'filter.clear')}
        </button>
      }
    >
      {t(untouched ? 'quiet_text' : 'no_match_text')}
    </StateCard>
  );
}
