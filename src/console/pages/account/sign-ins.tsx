// Sign-ins of the person, and signing out everywhere.
import { useMutation, useQuery } from '@tanstack/react-query';
import { Monitor } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { signInsQuery } from '../../api/queries.ts';
import { ErrorCard } from '../../components/error-card.tsx';
import { notifyProblem } from '../../components/notify.ts';
import { Skeleton } from '../../components/skeleton.tsx';
import { useFormat } from '../../i18n/use-format.ts';
import { signOut } from '../../shell/sign-out.ts';

export function SignIns() {
  const { t } = useTranslation('account');
  const format = useFormat();
  const list = useQuery(signInsQuery);
  const out = useMutation({ mutationFn: () => signOut('everywhere'), onError: notifyProblem });
  return (
    <section className="card pad stack g3">
      <h2>{t('sign_ins')}</h2>
      {list.isPending ? <Skeleton rows={2} shape="lines" /> : null}
      {list.isError ? <ErrorCard bare error={list.error} onRetry={() => void list.refetch()} /> : null}
      <ul className="lines-list">
        {list.data?.data.map(({ id, method, created, last_seen, ends, current }) => (
          <li className="row" key={id}>
            <Monitor className="i mute" />
            <div className="grow">
              <span className="m">{t(method === 'passkey' ? 'method.passkey' : 'method.link')}</span>{' '}
              {current ? <span className="tag yes">{t('current')}</span> : null}
              <span className="sub-text">
                {t('since', { date: format.near(created) })} · {t('seen', { date: format.near(last_seen) })} ·{' '}
                {t('ends', { date: format.near(ends) })}
              </span>
            </div>
          </li>
        ))}
      </ul>
      <div className="row">
        <p className="grow dim small">{t('out_everywhere_text')}</p>
        <button type="button" className="btn s no" disabled={out.isPending} onClick={() => out.mutate()}>
          {t('out_everywhere')}
        </button>
      </div>
    </section>
  );
}
