// The queues of recordings that no team has.
import { useQuery } from '@tanstack/react-query';
import { Info } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { UserText } from '../../components/user-text.tsx';
import { queuesQuery } from './queries.ts';

const MOST_SHOWN = 30;

export function QueuesInNoTeam() {
  const { t } = useTranslation('teams');
  const { data } = useQuery(queuesQuery);
  const alone = data?.data.filter(({ teams }) => teams === 0) ?? [];
  if (alone.length === 0) return null;
  const more = alone.length - MOST_SHOWN;
  return (
    <section className="card team-alone" aria-label={t('alone', { count: alone.length })}>
      <Info className="i" />
      <div className="grow stack g1">
        <p>
          <b>{t('alone', { count: alone.length })}</b>
        </p>
        <p className="dim">
          {t('alone_text')} {data?.complete === false ? t('alone_part') : null}
        </p>
        <ul className="row wrap team-tags">
          {alone.slice(0, MOST_SHOWN).map(({ name }) => (
            <li key={name} className="tag whole">
              <UserText text={name} />
            </li>
          ))}
          {more > 0 ? <li className="dim small">{t('alone_more', { count: more })}</li> : null}
        </ul>
      </div>
    </section>
  );
}
