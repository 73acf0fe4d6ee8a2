// Form that assigns the selected calls to reviewers: the assignment is the approval, signed with a passkey.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { KeyRound, TriangleAlert, X } from 'lucide-react';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMe } from '../../api/current-user.ts';
import { policyQuery } from '../../api/queries.ts';
import { ErrorCard } from '../../components/error-card.tsx';
import { NoPasskey } from '../../components/no-passkey.tsx';
import { notify } from '../../components/notify.ts';
import { Skeleton } from '../../components/skeleton.tsx';
import { type ToAssign, toAssign } from '../../state/to-assign.ts';
import type { Rule } from '../ask/request-draft.ts';
import { AssignFields } from './assign-fields.tsx';
import { BatchChecks, RefusedCalls } from './batch-checks.tsx';
import {
  type AssignDraft,
  assignableCalls,
  assignableRules,
  dueOf,
  isReasonComplete,
  newAssignDraft,
  preventsAll,
  wantedBatch,
} from './draft.ts';
import { batchCheckQuery, reviewersQuery } from './queries.ts';
import { ReviewersField } from './reviewers-field.tsx';
import { type Assigned, useAssign } from './use-assign.ts';

type PanelProps = { readonly what: ToAssign };

export function AssignPanel({ what }: PanelProps) {
  const policy = useQuery(policyQuery);
  const [made, setMade] = useState<Assigned | null>(null);
  if (policy.isError) return <ErrorCard error={policy.error} onRetry={() => void policy.refetch()} />;
  if (made !== null)
    return (
      <Frame what={what}>
        <RefusedAfterwards what={what} made={made} />
      </Frame>
    );
  const rules = policy.data === undefined ? [] : assignableRules(policy.data);
  return (
    <Frame what={what}>
      {policy.data === undefined ? (
        <Skeleton rows={5} shape="lines" />
      ) : rules[0] === undefined ? (
        <NoPurpose />
      ) : (
        <Form what={what} rules={rules} first={rules[0]} most={policy.data.bulk} made={setMade} />
      )}
    </Frame>
  );
}

function NoPurpose() {
  const { t } = useTranslation('assignments');
  return (
    <div className="pad stack g4">
      <p className="m">{t('no_purpose')}</p>
      <p className="dim">{t('no_purpose_text')}</p>
    </div>
  );
}

function Frame({ what: { calls, before }, children }: PanelProps & { readonly children: ReactNode }) {
  const { t } = useTranslation('assignments');
  return (
    <section className="card asg-panel" aria-labelledby="assign-title">
      <header className="pad row top-row">
        <div className="grow">
          <h2 id="assign-title" className="asg-title">
            {t(before === null ? 'assign_title' : 'reassign_title', { count: calls.length })}
          </h2>
          {before === null ? (
            <p className="dim">
              {t('selected_in')}{' '}
              <Link to="/recordings" className="link">
                {t('recordings')}
              </Link>
            </p>
          ) : null}
        </div>
        <button type="button" className="btn s q sq" aria-label={t('close')} onClick={() => toAssign.set(null)}>
          <X className="i" />
        </button>
      </header>
      {children}
    </section>
  );
}

function RefusedAfterwards({ what, made }: PanelProps & { readonly made: Assigned }) {
  const { t } = useTranslation('assignments');
  return (
    <div className="pad stack g4">
      <p className="m">{t('assigned', { count: made.count })}</p>
      <RefusedCalls
        calls={what.calls}
        refused={made.refused}
        title={t('not_assigned', { count: made.refused.length })}
      />
      <button type="button" className="btn" onClick={() => toAssign.set(null)}>
        {t('close')}
      </button>
    </div>
  );
}

type FormProps = PanelProps & {
  readonly rules: readonly Rule[];
  readonly first: Rule;
  /** How many calls the policy allows in one assignment. */
  readonly most: number;
  /** Called when some calls were not assigned. */
  readonly made: (assigned: Assigned) => void;
};

function Form({ what, rules, first, most, made }: FormProps) {
  const { t } = useTranslation('assignments');
  const { passkeys, tenant } = useMe();
  const zone = tenant.time_zone;
  const [draft, setDraft] = useState<AssignDraft>(() => newAssignDraft(first, rules, what.before, zone));
  const change = (more: Partial<AssignDraft>): void => setDraft((now) => ({ ...now, ...more }));
  const people = useQuery(reviewersQuery);
  const calls = what.calls.map(({ recording, insteadOf }) => ({
    recording,
    ...(insteadOf === undefined ? {} : { instead_of: insteadOf }),
  }));
  const check = useQuery(batchCheckQuery(wantedBatch(calls, draft, zone)));
  const { assign, failed } = useAssign((assigned) => {
    if (assigned.count > 0) notify(t('assigned', { count: assigned.count }));
    if (assigned.refused.length > 0) made(assigned);
    else toAssign.set(null);
  });
  const checked = check.data;
  const grants = checked === undefined ? [] : assignableCalls(checked);
  const refused = (checked?.grants ?? []).flatMap(({ recording, code }) =>
    code === null ? [] : [{ recording, code }],
  );
  const due = dueOf(draft, zone);
  const possible = grants.length > 0 && grants.length <= most && checked !== undefined && !preventsAll(checked);
  const ready = possible && due !== null && isReasonComplete(draft) && !check.isPlaceholderData && !assign.isPending;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const { purpose, objects, reason } = draft;
    if (ready) assign.mutate({ grants, purpose, objects, due, reason: reason.trim() });
  };
  const lost = [people, check].find(({ isError, data }) => isError && data === undefined);
  return (
    <form onSubmit={submit}>
      <div className="pad stack g4">
        <ReviewersField
          people={people.data?.data ?? []}
          chosen={draft.reviewers}
          shares={checked?.reviewers ?? []}
          change={(reviewers) => change({ reviewers })}
        />
        <AssignFields rules={rules} draft={draft} change={change} zone={zone} />
        {lost === undefined ? null : <ErrorCard error={lost.error} bare onRetry={() => void lost.refetch()} />}
        {checked === undefined ? null : (
          <>
            <BatchChecks checked={checked} purpose={draft.purpose} count={what.calls.length} />
            <RefusedCalls
              calls={what.calls}
              refused={refused}
              title={t('cannot', { count: refused.length, all: what.calls.length })}
            />
          </>
        )}
        {grants.length > most ? <p className="no small">{t('too_many', { count: most })}</p> : null}
        {passkeys.length === 0 ? (
          <NoPasskey />
        ) : (
          <button type="submit" className="btn p l" disabled={!ready}>
            <KeyRound className="i" />
            {refused.length > 0 && grants.length > 0 ? t('assign_some', { count: grants.length }) : t('assign')}
          </button>
        )}
        {failed ? (
          <p className="row no" role="alert">
            <TriangleAlert className="i" />
            {t('passkey_failed')}
          </p>
        ) : null}
      </div>
      <p className="asg-foot">{t('foot')}</p>
    </form>
  );
}
