// A proposed version: who proposes it and why, what it changes, what it would do, and the decision.
import { useQuery } from '@tanstack/react-query';
import { Hourglass } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useMe } from '../../api/current-user.ts';
import { Avatar } from '../../components/avatar.tsx';
import { ErrorCard } from '../../components/error-card.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { UserText } from '../../components/user-text.tsx';
import { useFormat } from '../../i18n/use-format.ts';
import { useWords } from '../../i18n/use-words.ts';
import { changeQuery, type OneChange } from '../changes/queries.ts';
import { ChangeMain, ChangeSide, effectsOf, useVersions } from '../changes/retention-parts.tsx';
import { ExpiryCard } from './expiry-card.tsx';

/** The check that only the passkey passes. */
const STEP_UP = 'step-up';

export function ChangeView({ id }: { readonly id: string }) {
  const words = useWords();
  const { data: change, isError, error, refetch } = useQuery(changeQuery(id));
  if (isError && change === undefined) return <ErrorCard error={error} onRetry={() => void refetch()} />;
  if (change === undefined) return <Skeleton rows={8} shape="lines" />;
  const name = words.person(change.proposer_name);
  return (
    <div className="ret-cols">
      <div className="stack g4">
        <Proposal change={change} name={name} />
        <ChangeMain change={change} />
      </div>
      <aside className="stack g4" aria-label={name}>
        <ChangeSide change={change} name={name} />
        <ExpiryCard />
      </aside>
    </div>
  );
}

function Proposal({ change, name }: { readonly change: OneChange; readonly name: string }) {
  const { t } = useTranslation('retentionPage');
  const { t: changes } = useTranslation('changes');
  const format = useFormat();
  const me = useMe();
  const base = effectsOf(change)?.base ?? null;
  const { now } = useVersions(base);
  const isOpen = change.state === 'open';
  const isYours = isOpen && change.checks.every(({ ok, check }) => ok === true || check === STEP_UP);
  return (
    <section className={isOpen ? 'card pad prop waitline' : 'card pad prop'}>
      <div className="row g3">
        <Avatar name={name} size="l" />
        <div className="grow">
          <h2 className="dt-title">
            {base === null ? t('proposes_first', { name }) : t('proposes', { name, number: now })}
          </h2>
          <p className="dim">
            {t('proposed_at', { opened: format.near(change.opened), expires: format.near(change.expires) })}
          </p>
        </div>
        {isYours && change.proposer !== me.principal.id ? (
          <span className="tag wait tall">
            <Hourglass className="i" />
            {t('waits_for_you')}
          </span>
        ) : (
          <span className="tag tall">{changes(`state.${change.state as 'open'}`)}</span>
        )}
      </div>
      {change.note === '' ? null : (
        <p className="say">
          <UserText text={change.note} />
        </p>
      )}
    </section>
  );
}
