// What a change does to people: whom it adds, and each person before and after.
import { useTranslation } from 'react-i18next';
import { UserText } from '../../components/user-text.tsx';
import { useDays } from '../../i18n/use-days.ts';
import { useWords } from '../../i18n/use-words.ts';
import type { ChangeView } from './queries.ts';

type State = ChangeView['people_changed'][number]['from'];

export function PeopleDifferenceCard({ change }: { readonly change: ChangeView }) {
  const { t } = useTranslation('changes');
  const words = useWords();
  const rows = [
    ...change.people.map(({ id, name, roles, trained_until }) => {
      return { id, name, from: null, to: { state: 'active', roles, trained_until } as State };
    }),
    ...change.people_changed,
  ];
  return (
    <section className="card" aria-label={t('difference')}>
      <table className="tbl diff">
        <thead>
          <tr>
            <th>{t('person.name')}</th>
            <th>{t('column.from')}</th>
            <th>{t('column.to')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ id, name, from, to }) => (
            <tr key={id}>
              <td className="m">
                <UserText text={words.person(name)} />
                <span className="sub mono wide-cell">{`${id.slice(0, 8)}…${id.slice(-6)}`}</span>
              </td>
              <td className="dim">{from === null ? t('person.new') : <PersonState state={from} other={to} />}</td>
              <td className="strong">
                <PersonState state={to} other={from} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** A person's state: training only where either side has some. */
function PersonState({ state, other }: { readonly state: State; readonly other: State | null }) {
  const { t } = useTranslation('changes');
  const words = useWords();
  const { date } = useDays();
  const until = state.trained_until;
  const trained = until !== null || (other?.trained_until ?? null) !== null;
  return (
    <>
      {state.state === 'off' ? <span>{t('person.off')}</span> : <span>{state.roles.map(words.role).join(' · ')}</span>}
      {trained ? (
        <span className="sub">
          {until === null ? t('person.untrained') : t('person.trained', { day: date(until) })}
        </span>
      ) : null}
    </>
  );
}
