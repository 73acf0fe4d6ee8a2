// One request for its approver: the reason first, then facts, policy, and the requester's use.
import { useQuery } from '@tanstack/react-query';
import { CircleCheck, Clock, Hourglass, Lock, Undo2 } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useMe } from '../../api/current-user.ts';
import { requestQuery } from '../../api/queries.ts';
import { useNow } from '../../api/server-clock.ts';
import type { OneAccessRequest } from '../../api/types.ts';
import { Avatar } from '../../components/avatar.tsx';
import { ErrorCard } from '../../components/error-card.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { StateCard } from '../../components/state-card.tsx';
import { UserText } from '../../components/user-text.tsx';
import { useFormat } from '../../i18n/use-format.ts';
import { useWords } from '../../i18n/use-words.ts';
import { DecideCard } from './decide-card.tsx';
import { FactsCard } from './facts-card.tsx';
import { failedChecks, PolicyCard } from './policy-card.tsx';
import { ReasonText } from './reason-text.tsx';
import { RequesterUseCard } from './requester-use-card.tsx';

const SOON_MS = 30 * 60_000;

export function RequestDetail({ id, decided }: { readonly id: string; readonly decided: () => void }) {
  const words = useWords();
  const { data: request, isError, error, refetch } = useQuery(requestQuery(id));
  if (isError && request === undefined)
    return (
      <div className="dt-one">
        <ErrorCard error={error} onRetry={() => void refetch()} />
      </div>
    );
  if (request === undefined)
    return (
      <div className="dt-one">
        <Skeleton rows={6} shape="lines" />
      </div>
    );
  const name = words.person(request.requester_name);
  return (
    <div className="dt">
      <div className="stack dt-main">
        <Heading request={request} name={name} />
        <ReasonText request={request} />
        <FactsCard facts={request.recording_facts} />
        {request.checks === null ? null : <PolicyCard request={request} />}
      </div>
      <aside className="stack dt-side" aria-label={name}>
        <RequesterUseCard name={name} use={request.requester_use} />
        <Decision request={request} name={name} decided={decided} />
      </aside>
    </div>
  );
}

type NamedRequest = { readonly request: OneAccessRequest; readonly name: string };

function Heading({ request, name }: NamedRequest) {
  const { t } = useTranslation('approvals');
  const format = useFormat();
  const left = Date.parse(request.expires) - useNow(15_000);
  const open = request.state === 'requested';
  return (
    <header className="row g3">
      <Avatar name={name} size="l" />
      <div className="grow">
        <h2 className="dt-title">{t('asks', { name })}</h2>
        <p className="dim">
          {t('asked_line', { asked: format.near(request.created), expires: format.near(request.expires) })}
        </p>
      </div>
      {open && left > 0 ? (
        <span className={left < SOON_MS ? 'tag wait tall' : 'tag tall'}>
          <Hourglass className="i" />
          {t('left', { time: format.span(left) })}
        </span>
      ) : null}
    </header>
  );
}

function Decision({ request, name, decided }: NamedRequest & { readonly decided: () => void }) {
  const { t } = useTranslation('approvals');
  const words = useWords();
  const format = useFormat();
  const me = useMe();
  const now = useNow(5_000);
  const last = request.decisions.at(-1);
  if (request.state === 'cancelled')
    return (
      <StateCard icon={Undo2} title={t('decided')}>
        {t('withdrawn', { name })}
      </StateCard>
    );
  if (request.state === 'expired' || (request.state === 'requested' && Date.parse(request.expires) <= now))
    return (
      <StateCard icon={Clock} title={t('expired')}>
        {t('expired_text', { name })}
      </StateCard>
    );
  const mine = request.decisions.find(({ approver }) => approver === me.principal.id);
  const said = mine ?? (request.state === 'requested' ? undefined : last);
  if (said !== undefined || request.state !== 'requested')
    return (
      <StateCard icon={CircleCheck} title={t('decided')}>
        {said === undefined
          ? words.state(request.state)
          : t('decided_by', {
              name: words.person(said.approver_name),
              decision: t(said.decision === 'deny' ? 'verb.deny' : 'verb.approve'),
              ago: format.ago(said.at),
            })}
        {typeof said?.reason === 'string' ? (
          <p>
            “<UserText text={said.reason} />”
          </p>
        ) : null}
      </StateCard>
    );
  const [obstacle] = failedChecks(request);
  if (request.requester === me.principal.id || obstacle !== undefined)
    return (
      <StateCard icon={Lock} title={t('cannot')}>
        {request.requester === me.principal.id ? t('own') : words.checkCode(obstacle?.code ?? '')}
      </StateCard>
    );
  return <DecideCard key={request.id} request={request} name={name} decided={decided} />;
}
