// Request page of a recording: the checks and the next step. Fetches no call content.
import './ask.css';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMe } from '../../api/current-user.ts';
import { policyQuery } from '../../api/queries.ts';
import type { Policy, Recording } from '../../api/types.ts';
import { CallHead } from '../../components/call-head.tsx';
import { ErrorCard } from '../../components/error-card.tsx';
import { ErrorPageFor } from '../../components/error-page.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { takesBasis } from '../../components/takes-basis.ts';
import { useTitle } from '../../components/use-title.ts';
import { ChecksCard } from './checks-card.tsx';
import { accessQuery, recordingQuery } from './queries.ts';
import { RequestCard } from './request-card.tsx';
import { newDraft, type RequestDraft, rulesFor, withAvailableObjects } from './request-draft.ts';

export function AskPage() {
  const { t } = useTranslation('ask');
  useTitle(t('title'));
  const { id } = useParams({ from: '/shell/recordings/$id/ask' });
  const recording = useQuery(recordingQuery(id));
  const policy = useQuery(policyQuery);
  if (recording.isError) return <ErrorPageFor error={recording.error} />;
  if (policy.isError)
    return (
      <div className="page">
        <ErrorCard error={policy.error} onRetry={() => void policy.refetch()} />
      </div>
    );
  return (
    <div className="page ask-page">
      {recording.data === undefined || policy.data === undefined ? (
        <section className="card">
          <Skeleton />
        </section>
      ) : (
        <>
          <CallHead recording={recording.data} />
          <RequestAccess recording={recording.data} policy={policy.data} />
        </>
      )}
    </div>
  );
}

type RequestAccessProps = { readonly recording: Recording; readonly policy: Policy };

/** Checks and form for one recording. */
export function RequestAccess({ recording, policy }: RequestAccessProps) {
  const { t } = useTranslation('ask');
  const { principal } = useMe();
  const rules = rulesFor(policy, principal.roles).map((rule) => withAvailableObjects(rule, recording));
  const standing = rules.find(({ purpose }) => purpose === recording.access?.purpose);
  const first = standing ?? rules.find((rule) => takesBasis(rule, recording.basis)) ?? rules[0];
  const [draft, change] = useState<RequestDraft>(() =>
    first === undefined
      ? {
          ...{ purpose: 'quality', reason: '', ticket: '', ticketTyped: false, minutes: 15, objects: [] },
          recordingTicket: recording.ticket,
        }
      : newDraft(first, recording.ticket),
  );
  const answer = useQuery({ ...accessQuery(recording.id, draft.purpose), placeholderData: (before) => before });
  const client = useQueryClient();
  const next = answer.data?.next;
  const before = useRef(next);
  useEffect(() => {
    const was = before.current;
    before.current = next;
    // After a change of the next step, the remaining listening time changes too, in the recording and the grants.
    if (was === undefined || was === next) return;
    for (const queryKey of [['recording', recording.id], ['grants']]) void client.invalidateQueries({ queryKey });
  }, [client, next, recording.id]);
  if (answer.isError) return <ErrorCard error={answer.error} onRetry={() => void answer.refetch()} />;
  if (answer.data === undefined)
    return (
      <section className="card">
        <Skeleton />
      </section>
    );
  return (
    <div className="ask-cols">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
      <section className="left-col" aria-label={t('checks')} tabIndex={0}>
        <ChecksCard answer={answer.data} recording={recording} purpose={draft.purpose} />
        {next === 'listen' ? null : <LockedWaveform />}
      </section>
      <RequestCard
        answer={answer.data}
        recording={recording}
        policy={policy}
        rules={rules}
        draft={draft}
        change={change}
      />
    </div>
  );
}

/** Placeholder for the waveform; none of it has been fetched. */
function LockedWaveform() {
  const { t } = useTranslation('ask');
  return (
    <section className="card sealed">
      <span className="sp a" aria-hidden="true">
        {t('agent_mark')}
      </span>
      <i />
      <p className="dim">{t('sealed')}</p>
      <span className="sp c" aria-hidden="true">
        {t('customer_mark')}
      </span>
      <i />
    </section>
  );
}
