// The clock of this device as a witness: a change of the clock is signed only where it agrees with the service's.
import { useQueryClient } from '@tanstack/react-query';
import { Clock } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { meQuery } from '../../api/queries.ts';
import { serverNow, useNow } from '../../api/server-clock.ts';
import { StateCard } from '../../components/state-card.tsx';
import { useFormat } from '../../i18n/use-format.ts';
import type { ChangeView } from './queries.ts';

/** Two clocks agree within this, in milliseconds. */
const APART_MS = 60_000;

function areClocksApart(): boolean {
  return Math.abs(serverNow() - Date.now()) > APART_MS;
}

/**
 * Asks the service for its time once more, and says whether this device's clock agrees with it. For any other kind of change
 * true.
 */
export function useWitness({ kind }: Pick<ChangeView, 'kind'>): () => Promise<boolean> {
  const queries = useQueryClient();
  return async () => {
    if (kind !== 'clock') return true;
    await queries.fetchQuery({ ...meQuery, staleTime: 0 });
    return !areClocksApart();
  };
}

/** Whether a change must not be signed here: one of the clock, while the clocks differ. */
export function useIsUnwitnessed({ kind }: Pick<ChangeView, 'kind'>): boolean {
  useNow(5_000);
  return kind === 'clock' && areClocksApart();
}

/** Both times, and what to do. */
export function ClocksApart() {
  const { t } = useTranslation('changes');
  const format = useFormat();
  const service = useNow(1_000);
  const times = {
    service: format.dateTime(new Date(service).toISOString()),
    device: format.dateTime(new Date(Date.now()).toISOString()),
  };
  return (
    <StateCard icon={Clock} tone="no" title={t('clock_apart')}>
      <p>{t('clock_apart_text', times)}</p>
    </StateCard>
  );
}
