// List of changes at the left.
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useNow } from '../../api/server-clock.ts';
import { Avatar } from '../../components/avatar.tsx';
import { UserText } from '../../components/user-text.tsx';
import { useFormat } from '../../i18n/use-format.ts';
import { useWords } from '../../i18n/use-words.ts';
import { liftedCount } from './lift.tsx';
import type { ChangeView } from './queries.ts';

type Props = { readonly changes: readonly ChangeView[]; readonly chosen: string | undefined };

export function ChangeList({ changes, chosen }: Props) {
  return (
    <ol className="rqs">
      {changes.map((change) => (
        <li key={change.id}>
          <Item change={change} isChosen={change.id === chosen} />
        </li>
      ))}
    </ol>
  );
}

/** Whom or what a command is about: its first fact. */
function aboutOf({ facts: [first] }: ChangeView): string {
  return first?.title ?? String(first?.value ?? '');
}

function recordingsIn({ facts }: ChangeView): number {
  const named = facts.find(({ name }) => name === 'recordings')?.value;
  return Array.isArray(named) ? named.length : 0;
}

function Item({ change, isChosen }: { readonly change: ChangeView; readonly isChosen: boolean }) {
  const { t } = useTranslation('changes');
  const words = useWords();
  const format = useFormat();
  const now = useNow(15_000);
  const name = words.person(change.proposer_name);
  const left = Date.parse(change.expires) - now;
  const said = change.note === '' ? name : `${name} · ${change.note}`;
  const about = (): string => aboutOf(change);
  const count = {
    settings: () => t('lines', { count: change.difference.length }),
    people: () => t('people', { count: change.people.length + change.people_changed.length }),
    team: () => t('people', { count: change.team?.to.members.length ?? 0 }),
    policy: () => t('lines', { count: change.policy?.difference.length ?? 0 }),
    retention: () => t('recordings', { count: change.retention?.preview.earlier ?? 0 }),
    resume: () => t('recordings', { count: change.resume?.due ?? 0 }),
    lift: () => t('recordings', { count: change.lift === null ? 0 : liftedCount(change.lift) }),
    answer: () => t('recordings', { count: change.answer?.recordings ?? 0 }),
    release: () => t('recordings', { count: change.release?.released ?? 0 }),
    link: about,
    api_key: about,
    service: about,
    erase: () => t('recordings', { count: recordingsIn(change) }),
    key: () => t(`key_how.${about() as 'retire'}`),
    operator: about,
    restore: about,
    rebuild: about,
    clock: () => t(`key_how.${about() as 'correct'}`),
  }[change.kind]();
  return (
    <Link
      to="/changes/$id"
      params={{ id: change.id }}
      className={isChosen ? 'rq on' : 'rq'}
      aria-current={isChosen ? 'true' : undefined}
      resetScroll={false}
    >
      <Avatar name={name} />
      <span className="rq-in">
        <span className="row">
          <span className="m cut grow">{t(`kind.${change.kind}`)}</span>
          <span className="mute small nw">{format.near(change.opened)}</span>
        </span>
        <span className="dim small cut" title={said}>
          <UserText text={said} />
        </span>
        <span className="row small">
          <span className="dim cut grow">
            <UserText text={count} />
          </span>
          {change.state !== 'open' ? (
            <span className="tag">{t(`state.${change.state as 'applied'}`)}</span>
          ) : (
            <span className="tag">{t('left', { time: format.span(Math.max(0, left)) })}</span>
          )}
        </span>
      </span>
    </Link>
  );
}
