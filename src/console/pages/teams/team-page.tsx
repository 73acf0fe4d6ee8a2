// One team: its members and leads, its queues and how many leads each has, and proposing a change of it.
import './teams.css';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { ChevronLeft, UsersRound } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { can, useMe } from '../../api/current-user.ts';
import { teamsQuery } from '../../api/queries.ts';
import { ErrorCard } from '../../components/error-card.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { StateCard } from '../../components/state-card.tsx';
import { useTitle } from '../../components/use-title.ts';
import { UserText } from '../../components/user-text.tsx';
import { MembersTable } from './members-table.tsx';
import { ProposeTeam } from './propose-team.tsx';
import type { Team } from './queries.ts';
import { FEWEST_LEADS } from './wanted.ts';

export function TeamPage() {
  const { t } = useTranslation('teams');
  const { id } = useParams({ from: '/shell/teams/$id' });
  const list = useQuery(teamsQuery);
  const team = list.data?.data.find((one) => one.id === id);
  useTitle(team?.name ?? t('title'));
  return (
    <div className="page scroll teams-page">
      <div>
        <Link to="/teams" className="btn q to-teams">
          <ChevronLeft className="i" />
          {t('list')}
        </Link>
      </div>
      {team === undefined ? <h1 className="sr">{t('title')}</h1> : <Detail team={team} />}
      {list.isPending ? (
        <section className="card team-card" aria-label={t('title')}>
          <Skeleton rows={4} />
        </section>
      ) : null}
      {list.isError && list.data === undefined ? (
        <ErrorCard error={list.error} onRetry={() => void list.refetch()} />
      ) : null}
      {list.isSuccess && team === undefined ? (
        <StateCard icon={UsersRound} title={t('gone')}>
          {t('gone_text')}
        </StateCard>
      ) : null}
    </div>
  );
}

function Detail({ team }: { readonly team: Team }) {
  const { t } = useTranslation('teams');
  const me = useMe();
  return (
    <>
      <header className="head">
        <h1>
          <UserText text={team.name} />
        </h1>
        <span className="dim sub-line">{t('people', { count: team.members.length })}</span>
        <span className="grow" />
        {can(me, 'people.import') ? <ProposeTeam team={team} /> : null}
      </header>
      <div className="team-halves">
        <section className="card team-card" aria-labelledby="team-members">
          <h2 id="team-members" className="pad">
            {t('members')}
          </h2>
          {team.members.length === 0 ? <p className="pad mute">{t('none')}</p> : <MembersTable team={team} />}
        </section>
        <section className="card team-card" aria-labelledby="team-queues">
          <h2 id="team-queues" className="pad">
            {t('queues')}
          </h2>
          {team.queues.length === 0 ? <p className="pad mute">{t('none')}</p> : <QueueList queues={team.queues} />}
        </section>
      </div>
    </>
  );
}

function QueueList({ queues }: Pick<Team, 'queues'>) {
  const { t } = useTranslation('teams');
  const few = queues.some(({ leads }) => leads < FEWEST_LEADS);
  return (
    <>
      <ul className="team-lines">
        {queues.map(({ name, leads }) => (
          <li key={name ?? ''} className="row">
            <span className="grow team-word">
              <UserText text={name ?? t('no_queue')} />
            </span>
            <span className={leads < FEWEST_LEADS ? 'tag wait' : 'tag'}>{t('leads', { count: leads })}</span>
          </li>
        ))}
      </ul>
      {few ? <p className="pad dim">{t('few_text')}</p> : null}
    </>
  );
}
