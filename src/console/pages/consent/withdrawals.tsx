// Withdrawals of consent, newest first: not whose, and not what they reach, which the vault does not store in clear.

import { useInfiniteQuery } from '@tanstack/react-query';
import { MessageCircleOff } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { can, useMe } from '../../api/current-user.ts';
import { ErrorCard } from '../../components/error-card.tsx';
import { MoreRows } from '../../components/more-rows.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { StateCard } from '../../components/state-card.tsx';
import { useFormat } from '../../i18n/use-format.ts';
import { useWords } from '../../i18n/use-words.ts';
import { type Withdrawal, withdrawalPages } from './queries.ts';
import { WithdrawButton } from './withdraw.tsx';

export function Withdrawals() {
  const { t } = useTranslation('consent');
  const changes = can(useMe(), 'basis.change');
  const list = useInfiniteQuery(withdrawalPages);
  const withdrawals = (list.data?.pages ?? []).flatMap(({ data }) => data);
  return (
    <section className="card list-card" aria-label={t('withdrawals')}>
      <div className="list-head">
        <h2>{t('withdrawals')}</h2>
        <span className="mute small">{t('withdrawals_hint')}</span>
        <span className="grow" />
        {changes ? <WithdrawButton /> : null}
      </div>
      {list.isPending ? <Skeleton rows={3} /> : null}
      {list.isError && list.data === undefined ? (
        <ErrorCard bare error={list.error} title={t('error_withdrawals')} onRetry={() => void list.refetch()} />
      ) : null}
      {list.isSuccess && withdrawals.length === 0 ? (
        <StateCard bare icon={MessageCircleOff} title={t('no_withdrawals')}>
          {t('no_withdrawals_text')}
        </StateCard>
      ) : null}
      {withdrawals.length === 0 ? null : (
        <table className="tbl wdr-tbl">
          <thead>
            <tr>
              <th>{t('column.recorded')}</th>
              <th>{t('column.before')}</th>
              <th>{t('column.purposes')}</th>
              <th className="c-state">{t('column.state')}</th>
            </tr>
          </thead>
          <tbody>
            {withdrawals.map((one) => (
              <Line key={one.id} withdrawal={one} />
            ))}
          </tbody>
        </table>
      )}
      <MoreRows list={list} text={t('more')} />
    </section>
  );
}

function Line({ withdrawal: { id, created, at, purposes, state } }: { readonly withdrawal: Withdrawal }) {
  const { t } = useTranslation('consent');
  const format = useFormat();
  const words = useWords();
  return (
    <tr>
      <td>
        {format.dateTime(created)}
        <span className="sub mono">{id.slice(0, 14)}…</span>
      </td>
      <td>
        <span className="narrow-word">{t('column.before')} </span>
        {format.dateTime(at)}
      </td>
      <td>{purposes.length === 0 ? t('all_purposes') : format.list(purposes.map(words.purpose))}</td>
      <td className="c-state">
        <span className={state === 'done' ? 'tag yes' : 'tag wait'}>{t(`state.${state}`)}</span>
      </td>
    </tr>
  );
}
