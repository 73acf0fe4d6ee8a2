// What a change of a team does: its members and queues, with what is added and what is removed.
import { useTranslation } from 'react-i18next';
import { UserText } from '../../components/user-text.tsx';
import type { ChangeView } from './queries.ts';

type Team = NonNullable<ChangeView['team']>;
type Line = { readonly key: string; readonly text: string; readonly mark: 'added' | 'removed' | 'lead' | null };

export function TeamCard({ team }: { readonly team: Team }) {
  const { t } = useTranslation('changes');
  return (
    <section className="card pad stack g3" aria-label={t('team')}>
      <h2>
        <UserText text={team.to.name} />
      </h2>
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
        {lines.map(({ key, text, mark }) => (
          <li key={key} className="row">
            <span className="grow">
              <UserText text={text} />
            </span>
            {mark === null ? null : <span className="tag">{t(`team_mark.${mark}`)}</span>}
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
    const mark = !before.has(id) ? 'added' : lead ? 'lead' : null;
    return { key: id, text: name ?? id, mark };
  });
  const gone = (was?.members ?? []).filter(({ id }) => !after.has(id));
  return [...now, ...gone.map(({ id, name }): Line => ({ key: id, text: name ?? id, mark: 'removed' }))];
}

function queueLines({ was, to }: Team, none: string): Line[] {
  const line = (queue: string | null, mark: Line['mark']): Line => ({ key: queue ?? '', text: queue ?? none, mark });
  const now = to.queues.map((queue) => line(queue, was?.queues.includes(queue) === true ? null : 'added'));
  const gone = (was?.queues ?? []).filter((queue) => !to.queues.includes(queue));
  return [...now, ...gone.map((queue) => line(queue, 'removed'))];
}
