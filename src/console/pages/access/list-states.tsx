// States of a list: loading, failed, empty, filled.
import type { UseQueryResult } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorCard } from '../../components/error-card.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { StateCard } from '../../components/state-card.tsx';

type Props = {
  readonly list: Pick<UseQueryResult, 'isPending' | 'isError' | 'error' | 'refetch'>;
  readonly count: number | undefined;
  readonly icon: LucideIcon;
  readonly tab: 'active' | 'pending' | 'past';
  readonly children: ReactNode;
};

export function ListStates({ list, count, icon, tab, children }: Props) {
  const { t } = useTranslation('access');
  if (list.isPending)
    return (
      <section className="card">
        <Skeleton rows={4} />
      </section>
    );
  if (list.isError && count === undefined)
    return <ErrorCard error={list.error} title={t('error')} onRetry={() => void list.refetch()} />;
  if (count === 0)
    return (
      <StateCard
        icon={icon}
        title={t(`empty.${tab}`)}
        action={
          <Link to="/recordings" className="btn s">
            {t('empty.find')}
          </Link>
        }
      >
        {t(`empty.${tab}_text`)}
      </StateCard>
    );
  return <section className="card acc-list">{children}</section>;
}
