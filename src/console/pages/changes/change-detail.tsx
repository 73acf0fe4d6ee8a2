// One change: who proposes it and why, what it does, and the decision.
import { useQuery } from '@tanstack/react-query';
import type { TFunction } from 'i18next';
import { Hourglass } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useMe } from '../../api/current-user.ts';
import { useNow } from '../../api/server-clock.ts';
import { Avatar } from '../../components/avatar.tsx';
import { ErrorCard } from '../../components/error-card.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { UserText } from '../../components/user-text.tsx';
import { useFormat } from '../../i18n/use-format.ts';
import { useWords } from '../../i18n/use-words.ts';
import { AnswerCard } from './answer.tsx';
import { Decision } from './decision.tsx';
import { DifferenceCard, PreviewCard } from './difference.tsx';
import { FactsCard } from './facts.tsx';
import { LiftCard } from './lift.tsx';
import { PeopleDifferenceCard } from './people-difference.tsx';
import { PolicyDifferenceCard } from './policy-difference.tsx';
import { ReplayCard } from './policy-replay.tsx';
import { changeQuery, isOfDeployment, type OneChange } from './queries.ts';
import { ReleaseCard } from './release.tsx';
import { RetentionRules, RetentionSide } from './retention.tsx';
import { TeamCard } from './team.tsx';

export function ChangeDetail({ id }: { readonly id: string }) {
  const words = useWords();
  const { data: change, isError, error, refetch } = useQuery(changeQuery(id));
  if (isError && change === undefined)
    return (
      <div className="dt-one">
        <ErrorCard error={error} onRetry={() => void refetch()} />
      </div>
    );
  if (change === undefined)
    return (
      <div className="dt-one">
        <Skeleton rows={6} shape="lines" />
      </div>
    );
  const name = words.person(change.proposer_name);
  return (
    <div className="dt">
      <div className="stack dt-main">
        <Heading change={change} name={name} />
        {change.note === '' ? null : (
          <section className="card pad">
            <p className="say">
              <UserText text={change.note} />
            </p>
          </section>
        )}
        {change.kind === 'settings' ? <DifferenceCard difference={change.difference} /> : null}
        {change.kind === 'people' ? <PeopleDifferenceCard change={change} /> : null}
        {change.team === null ? null : <TeamCard team={change.team} />}
        {change.lift === null ? null : <LiftCard lift={change.lift} />}
        {change.answer === null ? null : <AnswerCard answer={change.answer} />}
        {change.policy === null ? null : <PolicyDifferenceCard difference={change.policy.difference} />}
        {change.facts.length === 0 ? null : <FactsCard facts={change.facts} />}
        {change.release === null ? null : <ReleaseCard release={change.release} />}
        {change.retention === null ? null : <RetentionRules change={change} />}
      </div>
      <aside className="stack dt-side" aria-label={name}>
        {change.policy === null ? null : <ReplayCard replay={change.policy.replay} />}
        {change.preview === null ? null : <PreviewCard preview={change.preview} />}
        {change.retention === null ? (
          <Decision change={change} name={name} />
        ) : (
          <RetentionSide change={change} name={name} />
        )}
      </aside>
    </div>
  );
}

/** Whose change it is, where it is not the reader's tenant. */
function whereIn({ tenant }: OneChange, own: string, t: TFunction<'changes'>): string[] {
  if (isOfDeployment(tenant)) return [t('of_deployment')];
  return tenant === own ? [] : [t('in_tenant', { id: tenant })];
}

function Heading({ change, name }: { readonly change: OneChange; readonly name: string }) {
  const { t } = useTranslation('changes');
  const format = useFormat();
  const me = useMe();
  const left = Date.parse(change.expires) - useNow(15_000);
  const about = [
    t('line', { opened: format.near(change.opened), expires: format.near(change.expires) }),
    ...(change.by_command ? [t('by_command')] : []),
    ...whereIn(change, me.tenant.id, t),
  ];
  return (
    <header className="row g3">
      <Avatar name={name} size="l" />
      <div className="grow">
        <h2 className="dt-title">{t(`proposes.${change.kind}`, { name })}</h2>
        <p className="dim">{about.join(' · ')}</p>
      </div>
      {change.state === 'open' && left > 0 ? (
        <span className="tag tall">
          <Hourglass className="i" />
          {t('left', { time: format.span(left) })}
        </span>
      ) : null}
    </header>
  );
}
