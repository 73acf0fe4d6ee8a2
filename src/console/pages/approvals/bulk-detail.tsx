// Several requests by one person for one reason: the reason first, then the calls, and one decision on those chosen.
import { useQuery } from '@tanstack/react-query';
import { Lock } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMe } from '../../api/current-user.ts';
import { policyQuery, requestQuery } from '../../api/queries.ts';
import { useNow } from '../../api/server-clock.ts';
import { proofOf } from '../../api/step-up.ts';
import type { AccessRequestView } from '../../api/types.ts';
import { Avatar } from '../../components/avatar.tsx';
import { ErrorCard } from '../../components/error-card.tsx';
import { StateCard } from '../../components/state-card.tsx';
import { useFormat } from '../../i18n/use-format.ts';
import { useWords } from '../../i18n/use-words.ts';
import { BulkDecideCard } from './bulk-decide-card.tsx';
import { BulkTable } from './bulk-table.tsx';
import { PolicyCard } from './policy-card.tsx';
import type { RequestGroup } from './queue.ts';
import { ReasonText } from './reason-text.tsx';
import { RequesterUseCard } from './requester-use-card.tsx';
import { useBulk, useImpossible } from './use-bulk.ts';

export function BulkDetail({ group }: { readonly group: RequestGroup }) {
  const policy = useQuery(policyQuery);
  if (policy.isError) return <ErrorCard error={policy.error} onRetry={() => void policy.refetch()} />;
  return policy.data === undefined ? null : <Bulk group={group} most={policy.data.bulk} />;
}

type BulkProps = {
  readonly group: RequestGroup;
  /** How many decisions the policy allows at once. */
  readonly most: number;
};

function Bulk({ group, most }: BulkProps) {
  const { t } = useTranslation('approvals');
  const words = useWords();
  const me = useMe();
  // As it was opened: a request that arrives meanwhile must not move under the pointer.
  const [requests] = useState(group.requests);
  const proof = proofOf(me, useNow(5_000));
  const bulk = useBulk(proof);
  const looked = requests.slice(0, most);
  const { codes: impossible, all: obstacle } = useImpossible(looked, proof === 'passkey');
  const [left, setLeft] = useState<ReadonlySet<string>>(() => new Set(requests.slice(most).map(({ id }) => id)));
  const detail = useQuery(requestQuery(group.id));
  const undecided = requests.filter(({ id }) => !bulk.outcomes.has(id));
  const open = undecided.filter(({ id }) => !impossible.has(id));
  const chosen = open.filter(({ id }) => !left.has(id));
  const chosenIds = new Set(chosen.map(({ id }) => id));
  const choose = (ids: readonly string[], on: boolean): void =>
    setLeft((before) => new Set(on ? [...before].filter((id) => !ids.includes(id)) : [...before, ...ids]));
  const [first] = requests;
  if (first === undefined) return null;
  const name = words.person(first.requester_name);
  return (
    <div className="dt">
      <div className="stack dt-main">
        <BulkHeading first={first} count={requests.length} name={name} />
        <ReasonText request={first} />
        <BulkTable
          requests={requests}
          chosen={chosenIds}
          choose={choose}
          open={open.map(({ id }) => id)}
          impossible={impossible}
          outcomes={bulk.outcomes}
        />
      </div>
      <aside className="stack dt-side" aria-label={name}>
        {detail.data === undefined ? null : <RequesterUseCard name={name} use={detail.data.requester_use} />}
        {detail.data === undefined || detail.data.state !== 'requested' ? null : <PolicyCard request={detail.data} />}
        {obstacle === null ? null : (
          <StateCard icon={Lock} title={t('cannot')}>
            {words.checkCode(obstacle)}
          </StateCard>
        )}
        {undecided.length === 0 || obstacle !== null ? null : (
          <BulkDecideCard
            name={name}
            all={requests.length}
            chosen={chosen}
            others={undecided.filter(({ id }) => !chosenIds.has(id))}
            proof={proof}
            bulk={bulk}
            most={most}
          />
        )}
        <Counts outcomes={[...bulk.outcomes.values()].map(({ outcome }) => outcome)} />
      </aside>
    </div>
  );
}

type HeadingProps = { readonly first: AccessRequestView; readonly count: number; readonly name: string };

function BulkHeading({ first, count, name }: HeadingProps) {
  const { t } = useTranslation('approvals');
  const format = useFormat();
  return (
    <header className="row g3">
      <Avatar name={name} size="l" />
      <div className="grow">
        <h2 className="dt-title">{t('bulk.asks', { name, count })}</h2>
        <p className="dim">
          {t('bulk.asked_line', { asked: format.near(first.created), expires: format.near(first.expires) })}
        </p>
      </div>
    </header>
  );
}

/** How many were approved, denied and not possible, announced once there is any. */
function Counts({ outcomes }: { readonly outcomes: readonly string[] }) {
  const { t } = useTranslation('approvals');
  const of = (outcome: string): number => outcomes.filter((one) => one === outcome).length;
  return (
    <p className="dim small" role="status">
      {outcomes.length === 0
        ? ''
        : t('bulk.done', { approved: of('approved'), denied: of('denied'), impossible: of('refused') })}
    </p>
  );
}
