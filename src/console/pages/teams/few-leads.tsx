// The queues of teams that have fewer than two leads.
import { TriangleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { UserText } from '../../components/user-text.tsx';
import type { Team } from './queries.ts';
import { queuesWithFewLeads } from './wanted.ts';

export function FewLeads({ teams }: { readonly teams: readonly Team[] }) {
  const { t } = useTranslation('teams');
  const few = queuesWithFewLeads(teams);
  if (few.length === 0) return null;
  return (
    <section className="card team-few" aria-label={t('few', { count: few.length })}>
      <TriangleAlert className="i wait" />
      <div className="grow stack g1">
        <p>
          <b>{t('few', { count: few.length })}</b>
        </p>
        <p className="dim">{t('few_text')}</p>
        <ul className="row wrap team-tags">
          {few.map(({ name, leads }) => (
            <li key={name ?? ''} className="tag wait whole">
              <UserText text={name ?? t('no_queue')} /> · {t('leads', { count: leads })}
            </li>
          ))}
        </ul>
      </div>
    </section>
  );
}
