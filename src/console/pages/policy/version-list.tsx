// List at the left: policies that wait for approval, and all versions.
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useNow } from '../../api/server-clock.ts';
import { UserText } from '../../components/user-text.tsx';
import { useFormat } from '../../i18n/use-format.ts';
import { useWords } from '../../i18n/use-words.ts';
import type { ChangeView } from '../changes/queries.ts';
import type { PolicyVersion } from './queries.ts';

export function WaitingList({
  changes,
  chosen,
}: {
  readonly changes: readonly ChangeView[];
  readonly chosen?: string | undefined;
}) {
  const { t } = useTranslation('policy');
  const words = useWords();
  const format = useFormat();
  const now = useNow(15_000);
  return (
    <ol className="rqs">
      {changes.map(({ id, proposer_name: name, opened, expires, policy, note }) => {
        const lines = policy?.difference ?? [];
        const looser = lines.filter(({ effect }) => effect === 'looser').length;
        return (
          <Item key={id} id={id} isChosen={id === chosen}>
            <span className="row">
              <span className="m grow cut" title={note}>
                <UserText text={note} />
              </span>
              <span className="tag wait">
                {t('left', { time: format.span(Math.max(0, Date.parse(expires) - now)) })}
              </span>
            </span>
            <span className="dim small cut">{t('by_at', { name: words.person(name), at: format.near(opened) })}</span>
            <span className="dim small cut">
              {t('lines', { count: lines.length, looser: t('looser', { count: looser }) })}
            </span>
          </Item>
        );
      })}
    </ol>
  );
}

export function VersionList({
  versions,
  chosen,
}: {
  readonly versions: readonly PolicyVersion[];
  readonly chosen?: string | undefined;
}) {
  const { t } = useTranslation('policy');
  const format = useFormat();
  return (
    <ol className="rqs">
      {versions.map(({ id, version, created, in_force: inForce, proposer_name: proposer, decider_name: decider }) => {
        const people = [proposer, decider].filter((name) => name !== null);
        return (
          <Item key={id} id={id} isChosen={id === chosen}>
            <span className="row">
              <span className="m grow">{t('version', { number: version })}</span>
              {inForce ? <span className="tag yes">{t('in_force')}</span> : null}
            </span>
            <span className="dim small cut">
              {format.near(created)}
              {people.length === 0 ? null : <UserText text={`, ${format.list(people)}`} />}
            </span>
          </Item>
        );
      })}
    </ol>
  );
}

type ItemProps = { readonly id: string; readonly isChosen: boolean; readonly children: React.ReactNode };

function Item({ id, isChosen, children }: ItemProps) {
  return (
    <li>
      <Link
        to="/policy/$id"
        params={{ id }}
        className={isChosen ? 'rq on' : 'rq'}
        aria-current={isChosen ? 'true' : undefined}
        resetScroll={false}
      >
        <span className="rq-in">{children}</span>
      </Link>
    </li>
  );
}
