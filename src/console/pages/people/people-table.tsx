// People and services: roles, training, and for the admin how they sign in, what waits, and what can be done with them.
import { useQuery } from '@tanstack/react-query';
import { Hourglass } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { can, useMe } from '../../api/current-user.ts';
import { waitingChangesQuery } from '../../api/queries.ts';
import { serverNow } from '../../api/server-clock.ts';
import { Avatar } from '../../components/avatar.tsx';
import { useDays } from '../../i18n/use-days.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { useWords } from '../../i18n/use-words.ts';
import { PersonMenu } from './person-menu.tsx';
import type { Person } from './queries.ts';
import { hasExpired, type Membership } from './sort.ts';
import { TeamsOf, useTeamsByPerson } from './teams-of.tsx';

type Props = { readonly people: readonly Person[]; readonly names: ReadonlyMap<string, string> };

export function PeopleTable({ people, names }: Props) {
  const { t } = useTranslation('people');
  const me = useMe();
  const admin = can(me, 'people.remove');
  const waiting = useQuery({ ...waitingChangesQuery, enabled: can(me, 'people.import') });
  const teams = useTeamsByPerson();
  const changing = new Set(waiting.data?.data.flatMap((one) => one.people_changed.map(({ id }) => id)));
  return (
    <table className="tbl ppl">
      <thead>
        <tr>
          <th className="p-name">{t('column.name')}</th>
          <th className="wide-cell">{t('column.roles')}</th>
          <th className="p-train wide-cell">{t('column.trained')}</th>
          {admin ? (
            <>
              <th className="r p-pass wide-cell">{t('column.passkeys')}</th>
              <th className="p-seen wide-cell">{t('column.seen')}</th>
              <th className="p-menu">
                <span className="sr">{t('column.actions')}</span>
              </th>
            </>
          ) : null}
        </tr>
      </thead>
      <tbody>
        {people.map((person) => (
          <Line
            key={person.id}
            {...{ person, names, admin }}
            changing={changing.has(person.id)}
            teams={teams.get(person.id) ?? []}
          />
        ))}
      </tbody>
    </table>
  );
}

type LineProps = Pick<Props, 'names'> & {
  readonly person: Person;
  readonly admin: boolean;
  readonly changing: boolean;
  readonly teams: readonly Membership[];
};

function Line({ person, names, admin, changing, teams }: LineProps) {
  const { t } = useTranslation('people');
  const words = useWords();
  const me = useMe();
  const { id, kind, roles, state, owners } = person;
  const name = person.name ?? t('sealed');
  const owned = owners.map((owner) => names.get(owner) ?? owner).join(' · ');
  const service = owned === '' ? t('service') : `${t('service')} · ${t('owners', { names: owned })}`;
  const off = state === 'off';
  const rolesText = off ? t('states.off') : roles.map(words.role).join(' · ');
  return (
    <tr className={off ? 'off' : ''}>
      <td>
        <span className="row">
          <Avatar name={name} size="s" />
          <span className="grow">
            <span className="m cut" title={name}>
              {name} {id === me.principal.id ? <span className="tag line">{t('you')}</span> : null}
              {changing ? (
                <span className="tag wait">
                  <Hourglass className="i s" />
                  {t('changing')}
                </span>
              ) : null}
            </span>
            <span className="sub ppl-narrow">
              {rolesText} <Training person={person} />
            </span>
            {teams.length === 0 || off ? null : <TeamsOf teams={teams} />}
            {kind === 'service' ? (
              <span className="sub cut" title={service}>
                {service}
              </span>
            ) : null}
          </span>
        </span>
      </td>
      <td className="wide-cell">
        {off ? (
          rolesText
        ) : (
          <span className="row wrap roles">
            {roles.map((role) => (
              <span key={role} className="tag">
                {words.role(role)}
              </span>
            ))}
          </span>
        )}
      </td>
      <td className="wide-cell">
        <Training person={person} />
      </td>
      {admin ? <SigningIn person={person} name={name} /> : null}
    </tr>
  );
}

/** Until when a person's training counts. */
function Training({ person: { kind, state, trained_until: until } }: { readonly person: Person }) {
  const { t } = useTranslation('people');
  const { date } = useDays();
  if (kind === 'service' || state === 'off') return null;
  if (until === null) return <span className="mute">–</span>;
  if (hasExpired(until, serverNow())) return <span className="no">{t('expired', { day: date(until) })}</span>;
  return <span>{date(until)}</span>;
}

function SigningIn({ person, name }: { readonly person: Person; readonly name: string }) {
  const { t } = useTranslation('people');
  const format = useFormat();
  const { kind, passkeys, last_seen: seen, link_until: link } = person;
  const signIns = person.sign_ins ?? 0;
  const isPerson = kind === 'person';
  return (
    <>
      <td className="r num pass wide-cell">{isPerson ? passkeys : ''}</td>
      <td className="dim wide-cell">
        {isPerson ? (
          <>
            <span className="row dotted">
              {signIns > 0 ? <i className="dot yes" /> : null}
              {seen === null ? t('never') : format.near(seen)}
            </span>
            {signIns > 0 ? <span className="sub">{t('signed_in', { count: signIns })}</span> : null}
            {link === null ? null : <span className="sub">{t('link_until', { time: format.near(link) })}</span>}
          </>
        ) : null}
      </td>
      <td className="r">{isPerson ? <PersonMenu person={person} name={name} /> : null}</td>
    </>
  );
}
