// The teams, a line each: leads, number of members, queues with a mark where leads are few.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Hourglass } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { can, useMe } from '../../api/current-user.ts';
import { waitingChangesQuery } from '../../api/queries.ts';
import { UserText } from '../../components/user-text.tsx';
import { useFormat } from '../../i18n/use-format.ts';
import { useWords } from '../../i18n/use-words.ts';
import type { Team } from './queries.ts';
import { FEWEST_LEADS } from './wanted.ts';

export function TeamsTable({ teams }: { readonly teams: readonly Team[] }) {
  const { t } = useTranslation('teams');
  const waiting = useQuery({ ...waitingChangesQuery, enabled: can(useMe(), 'change.read') });
  const changing = new Set(waiting.data?.data.map(({ team }) => team?.id));
  return (
    <table className="tbl team-tbl">
      <thead>
        <tr>
          <th className="team-name">{t('column.name')}</th>
          <th className="wide-cell">{t('column.leads')}</th>
          <th className="r team-count wide-cell">{t('column.members')}</th>
          <th className="team-queues wide-cell">{t('column.queues')}</th>
        </tr>
      </thead>
      <tbody>
        {teams.map((team) => (
          <Line key={team.id} team={team} isChanging={changing.has(team.id)} />
        ))}
      </tbody>
    </table>
  );
}

function Line({ team, isChanging }: { readonly team: Team; readonly isChanging: boolean }) {
  const { t } = useTranslation('teams');
  const format = useFormat();
  const words = useWords();
  const leads = team.members.filter(({ lead }) => lead).map(({ name }) => words.person(name));
  const leadText = leads.length === 0 ? t('no_lead') : format.list(leads);
  return (
    <tr>
      <td>
        <Link to="/teams/$id" params={{ id: team.id }} className="link m">
          <UserText text={team.name} />
        </Link>{' '}
        {isChanging ? (
          <span className="tag wait">
            <Hourglass className="i s" />
            {t('changing')}
          </span>
        ) : null}
        <span className="sub team-narrow">
          <UserText text={leadText} /> · {t('people', { count: team.members.length })}
        </span>
        <span className="team-narrow">
          <Queues queues={team.queues} />
        </span>
      </td>
      <td className={leads.length === 0 ? 'wide-cell wait' : 'wide-cell'}>
        <UserText text={leadText} />
      </td>
      <td className="r num wide-cell">{format.number(team.members.length)}</td>
      <td className="wide-cell">
        <Queues queues={team.queues} />
      </td>
    </tr>
  );
}

function Queues({ queues }: Pick<Team, 'queues'>) {
  const { t } = useTranslation('teams');
  if (queues.length === 0) return <span className="mute">{t('none')}</span>;
  return (
    <span className="row wrap team-tags">
      {queues.map(({ name, leads }) => (
        <span key={name ?? ''} className={leads < FEWEST_LEADS ? 'tag wait whole' : 'tag whole'}>
          <UserText text={name ?? t('no_queue')} />
          {leads < FEWEST_LEADS ? ` · ${t('leads', { count: leads })}` : null}
        </span>
      ))}
    </span>
  );
}
