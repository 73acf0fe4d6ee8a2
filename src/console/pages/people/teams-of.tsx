// The teams of a person, and where they lead.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Fragment, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { can, useMe } from '../../api/current-user.ts';
import { teamsQuery } from '../../api/queries.ts';
import { UserText } from '../../components/user-text.tsx';
import { type Membership, teamsByPerson } from './sort.ts';

/** The teams of each person, of those that the viewer may see. */
export function useTeamsByPerson(): ReadonlyMap<string, readonly Membership[]> {
  const { data } = useQuery({ ...teamsQuery, enabled: can(useMe(), 'team.read') });
  return useMemo(() => teamsByPerson(data?.data ?? []), [data]);
}

export function TeamsOf({ teams }: { readonly teams: readonly Membership[] }) {
  const { t } = useTranslation('people');
  return (
    <span className="sub ppl-teams">
      {teams.map(({ id, name, lead }, n) => (
        <Fragment key={id}>
          {n === 0 ? null : ' · '}
          <Link to="/teams/$id" params={{ id }} className="link">
            <UserText text={name} />
          </Link>
          {lead ? ` (${t('leads')})` : null}
        </Fragment>
      ))}
    </span>
  );
}
