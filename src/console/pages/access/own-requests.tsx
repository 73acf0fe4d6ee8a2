// The person's own requests: waiting ones, and decided ones with their outcome.
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { History, Hourglass } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fetchJson, newIdempotencyKey } from '../../api/client.ts';
import { requestsQuery } from '../../api/queries.ts';
import { useRefetch } from '../../api/query-client.ts';
import type { AccessRequestView } from '../../api/types.ts';
import { useCallName } from '../../components/call-name.ts';
import { focusMain } from '../../components/focus-main.ts';
import { notifyProblem } from '../../components/notify.ts';
import { UserText } from '../../components/user-text.tsx';
import { useFormat } from '../../i18n/use-format.ts';
import { useWords } from '../../i18n/use-words.ts';
import { CallCell } from './call-cell.tsx';
import { ListStates } from './list-states.tsx';
import { outcomeOf, TONES } from './outcome.ts';

const PAGE_SIZE = 50;
const MAX_SHOWN = 200;

export function OwnRequests({ tab }: { readonly tab: 'pending' | 'past' }) {
  const { t } = useTranslation('access');
  const [limit, setLimit] = useState(PAGE_SIZE);
  const pending = tab === 'pending';
  const list = useQuery({
    ...requestsQuery({ mine: true, limit, ...(pending ? { state: 'requested' } : {}) }),
    placeholderData: (before) => before,
  });
  const shown = list.data?.data.filter((request) => (outcomeOf(request) === 'requested') === pending);
  const rows = pending ? shown : shown?.filter((request) => outcomeOf(request) !== 'live');
  return (
    <ListStates list={list} count={rows?.length} icon={pending ? Hourglass : History} tab={tab}>
      <table className={pending ? 'tbl acc-tbl waits' : 'tbl acc-tbl past'}>
        <thead>
          <tr>
            <th scope="col">{t('column.recording')}</th>
            <th scope="col">{t('column.purpose')}</th>
            <th scope="col">{t('column.asked')}</th>
            <th scope="col">{t(pending ? 'column.expires' : 'column.decided')}</th>
            <th scope="col">{t(pending ? 'column.approvals' : 'column.state')}</th>
            <th>
              <span className="sr">{t(pending ? 'withdraw' : 'again')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows?.map((request) => (
            <Row key={request.id} request={request} pending={pending} />
          ))}
        </tbody>
      </table>
      {!pending && (list.data?.data.length ?? 0) >= limit && limit < MAX_SHOWN ? (
        <div className="tfoot">
          <button type="button" className="btn s" onClick={() => setLimit(MAX_SHOWN)}>
            {t('older')}
          </button>
        </div>
      ) : null}
    </ListStates>
  );
}

function Row({ request, pending }: { readonly request: AccessRequestView; readonly pending: boolean }) {
  const { t } = useTranslation('access');
  const words = useWords();
  const format = useFormat();
  const callName = useCallName();
  const name = request.recording_facts ? callName(request.recording_facts) : request.recording;
  const given = request.decisions.filter(({ decision }) => decision === 'approve').length;
  return (
    <tr>
      <td>
        <CallCell recording={request.recording} facts={request.recording_facts} />
      </td>
      <td data-name={t('column.purpose')}>
        {words.purpose(request.purpose)}
        <span className="sub">
          <UserText text={[request.ticket, t('minutes', { count: request.minutes })].filter(Boolean).join(' · ')} />
        </span>
        {pending ? (
          <span className="sub">
            <UserText text={t('said', { reason: request.reason })} />
          </span>
        ) : null}
      </td>
      <td data-name={t('column.asked')}>{format.near(request.created)}</td>
      {pending ? (
        <>
          <td data-name={t('column.expires')}>{format.near(request.expires)}</td>
          <td data-name={t('column.approvals')}>
            <span className="tag wait">{t('given', { given, needed: request.approvals_needed })}</span>
          </td>
        </>
      ) : (
        <Outcome request={request} />
      )}
      <td>
        <span className="row end">
          {pending ? <Withdraw request={request} name={name} /> : <RequestAgain request={request} name={name} />}
        </span>
      </td>
    </tr>
  );
}

function Outcome({ request }: { readonly request: AccessRequestView }) {
  const { t } = useTranslation('access');
  const words = useWords();
  const format = useFormat();
  const outcome = outcomeOf(request);
  const last = request.decisions.at(-1);
  const revoked = outcome === 'revoked' ? request.grant?.revoked : undefined;
  const by = revoked?.by.name ?? last?.approver_name;
  const reason = revoked?.reason ?? last?.reason;
  const at = revoked?.at ?? last?.at;
  return (
    <>
      <td data-name={t('column.decided')}>
        {by ?? t('nobody')}
        {at === undefined ? null : <span className="sub">{format.near(at)}</span>}
      </td>
      <td data-name={t('column.state')}>
        <span className={`tag ${TONES[outcome]}`}>{words.state(outcome)}</span>
        {typeof reason === 'string' ? (
          <span className="sub">
            <UserText text={t('said', { reason })} />
          </span>
        ) : null}
      </td>
    </>
  );
}

type ActionProps = { readonly request: AccessRequestView; readonly name: string };

function Withdraw({ request, name }: ActionProps) {
  const { t } = useTranslation('access');
  const refetch = useRefetch();
  const withdraw = useMutation({
    mutationFn: () => fetchJson('POST', `/v1/access-requests/${request.id}/cancel`, { key: newIdempotencyKey() }),
    onError: notifyProblem,
    onSettled: async () => {
      await refetch('requests', 'recordings');
      setTimeout(focusMain);
    },
  });
  return (
    <button
      type="button"
      className="btn s"
      aria-label={t('of', { action: t('withdraw'), call: name })}
      disabled={withdraw.isPending}
      onClick={() => withdraw.mutate()}
    >
      {t('withdraw')}
    </button>
  );
}

function RequestAgain({ request, name }: ActionProps) {
  const { t } = useTranslation('access');
  if (request.recording_facts === null) return null;
  return (
    <Link
      to="/recordings/$id/ask"
      params={{ id: request.recording }}
      className="btn s q"
      aria-label={t('of', { action: t('again'), call: name })}
    >
      {t('again')}
    </Link>
  );
}
