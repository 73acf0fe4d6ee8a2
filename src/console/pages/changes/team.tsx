// What a change of a team does: its members and queues, with what is added and what is removed.
import { useTranslation } from 'react-i18next';
import { UserText } from '../../components/user-text.tsx';
import type { ChangeView } from './queries.ts';

type Team = NonNullable<ChangeView['team']>;
type Mark = 'added' | 'removed' | 'lead' | 'new_lead' | 'no_lead';
type Line = { readonly key: string; readonly text: string; readonly marks: readonly Mark[] };

export function TeamCard({ team }: { readonly team: Team }) {
  const { t } = useTranslation('changes');
  return (
    <section className="card pad stack g3" aria-label={t('team')}>
      <h2>
        <UserText text={team.to.name} />
      </h2>
      {team.was === null || team.was.name === team.to.name ? null : (
        <p className="dim">
          {t('team_before')} <UserText text={team.was.name} />
        </p>
      )}
      <Lines title={t('team_members')} lines={memberLines(team)} />
      <Lines title={t('team_queues')} lines={queueLines(team, t('no_queue'))} />
    </section>
  );
}

function Lines({ title, lines }: { readonly title: string; readonly lines: readonly Line[] }) {
  const { t } = useTranslation('changes');
  return (
    <div className="stack g1">
      <h3>{title}</h3>
      <ul className="stack g1">
        {lines.map(({ key, text, marks }) => (
          <li key={key} className="row">
            <span className="grow">
              <UserText text={text} />
            </span>
            {marks.map((mark) => (
              <span key={mark} className="tag">
                {t(`team_mark.${mark}`)}
              </span>
            ))}
          </li>
        ))}
      </ul>
    </div>
  );
}

function memberLines({ was, to }: Team): Line[] {
  const before = new Map(was?.members.map((one) => [one.id, one.lead]));
  const after = new Set(to.members.map(({ id }) => id));
  const now = to.members.map(({ id, name, lead }): Line => {
    const marks = [...(before.has(id) ? [] : ['added' as const]), ...leadMarks(before.get(id) === true, lead)];
    return { key: id, text: name ?? id, marks };
  });
  const gone = (was?.members ?? []).filter(({ id }) => !after.has(id));
  return [...now, ...gone.map(({ id, name }): Line => ({ key: id, text: name ?? id, marks: ['removed'] }))];
}

function leadMarks(led: boolean, leads: boolean): readonly Mark[] {
  if (leads) return [led ? 'lead' : 'new_lead'];
  return led ? ['no_lead'] : [];
}

function queueLines({ was, to }: Team, none: string): Line[] {
  const line = (queue: string | null, marks: Line['marks']): Line => ({ key: queue ?? '', text: queue ?? none, marks });
  const now = to.queues.map((queue) => line(queue, was?.queues.includes(queue) === true ? [] : ['added']));
  const gone = (was?.queues ?? []).filter((queue) => !to.queues.includes(queue));
  return [...now, ...gone.map((queue) => line(queue, ['removed']))];
}
