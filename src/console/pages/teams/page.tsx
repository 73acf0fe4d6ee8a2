// Teams page: the teams with their leads, members and queues, the queues without enough leads, and proposing a team.
import './teams.css';
import { useQuery } from '@tanstack/react-query';
import { UsersRound } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { can, useMe } from '../../api/current-user.ts';
import { teamsQuery } from '../../api/queries.ts';
import { ErrorCard } from '../../components/error-card.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { StateCard } from '../../components/state-card.tsx';
import { useTitle } from '../../components/use-title.ts';
import { FewLeads } from './few-leads.tsx';
import { ProposeTeam } from './propose-team.tsx';
import { QueuesInNoTeam } from './queues-in-no-team.tsx';
import { TeamsTable } from './teams-table.tsx';
import { WaitingTeams } from './waiting-teams.tsx';

export function TeamsPage() {
  const { t } = useTranslation('teams');
  useTitle(t('title'));
  const me = useMe();
  const list = useQuery(teamsQuery);
  const teams = list.data?.data ?? [];
  const all = can(me, 'change.read');
  return (
    <div className="page scroll teams-page">
      <header className="head">
        <h1>{t('title')}</h1>
        {teams.length === 0 ? null : <span className="dim sub-line">{t('count', { count: teams.length })}</span>}
        <span className="grow" />
        {can(me, 'people.import') ? <ProposeTeam team={null} /> : null}
      </header>
      <p className="dim">{t(all ? 'giving' : 'own')}</p>
      {all ? <WaitingTeams /> : null}
      <FewLeads teams={teams} />
      {can(me, 'change.propose') ? <QueuesInNoTeam /> : null}
      <section className="card team-card" aria-label={t('list')}>
        {list.isPending ? <Skeleton /> : null}
        {list.isError ? <ErrorCard bare error={list.error} onRetry={() => void list.refetch()} /> : null}
        {teams.length === 0 ? null : <TeamsTable teams={teams} />}
        {list.isSuccess && teams.length === 0 ? (
          <StateCard bare icon={UsersRound} title={t('empty')}>
            {t('empty_text')}
          </StateCard>
        ) : null}
      </section>
    </div>
  );
}
