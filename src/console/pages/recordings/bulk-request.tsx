// Access request for several recordings: one form, a request for each, and why there is none for some.
import { Modal } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ManyRequestedBody } from '../../../http/reply-types.ts';
import { fetchJson, useIdempotencyKey } from '../../api/client.ts';
import { useMe } from '../../api/current-user.ts';
import { problemOf } from '../../api/problem.ts';
import { policyQuery } from '../../api/queries.ts';
import type { Policy, Recording } from '../../api/types.ts';
import { useCallName } from '../../components/call-name.ts';
import { notify, notifyProblem } from '../../components/notify.ts';
import { Skeleton } from '../../components/skeleton.tsx';
import { useWords } from '../../i18n/use-words.ts';
import {
  commonTicket,
  isComplete,
  newDraft,
  type RequestDraft,
  requestBodyOf,
  rulesFor,
} from '../ask/request-draft.ts';
import { RequestFields } from '../ask/request-fields.tsx';
import { refreshRow } from './use-recordings.ts';

type Outcomes = ManyRequestedBody['data'];

type Props = {
  readonly recordings: readonly Recording[];
  readonly close: (done: boolean) => void;
};

export function BulkRequest({ recordings, close }: Props) {
  const { t } = useTranslation('recordings');
  const { t: shell } = useTranslation('shell');
  const policy = useQuery(policyQuery);
  return (
    <Modal
      opened
      onClose={() => close(false)}
      title={t('bulk.title', { count: recordings.length })}
      size={560}
      closeButtonProps={{ 'aria-label': shell('close') }}
    >
      {policy.data === undefined ? (
        <Skeleton rows={4} shape="lines" />
      ) : (
        <BulkRequestForm recordings={recordings} policy={policy.data} close={close} />
      )}
    </Modal>
  );
}

type FormProps = Pick<Props, 'recordings' | 'close'> & { readonly policy: Policy };

function BulkRequestForm({ recordings, policy, close }: FormProps) {
  const { t } = useTranslation('recordings');
  const { t: askWords } = useTranslation('ask');
  const client = useQueryClient();
  const { principal } = useMe();
  const rules = rulesFor(policy, principal.roles);
  const [draft, change] = useState<RequestDraft | null>(
    rules[0] === undefined ? null : newDraft(rules[0], commonTicket(recordings)),
  );
  const [refused, setRefused] = useState<Outcomes>([]);
  const keyFor = useIdempotencyKey();
  const ask = useMutation({
    mutationFn: async (asked: RequestDraft): Promise<Outcomes> => {
      const { recording: _, ...body } = { ...requestBodyOf(asked, ''), recordings: recordings.map(({ id }) => id) };
      const sent = fetchJson<ManyRequestedBody>('POST', '/v1/access-requests/bulk', { body, key: keyFor(body) });
      const { data } = await sent.catch(refusedAll(body.recordings));
      const rows = data.filter(({ request }) => request !== null).map((one) => refreshRow(client, one.recording));
      await Promise.allSettled(rows);
      return data;
    },
    onSuccess: (data) => {
      const failed = data.filter(({ request }) => request === null);
      const asked = data.length - failed.length;
      if (asked > 0) notify(t('bulk.asked', { count: asked }));
      setRefused(failed);
      if (failed.length === 0) close(true);
    },
    onError: notifyProblem,
  });
  if (refused.length > 0) return <Refused refused={refused} recordings={recordings} close={() => close(true)} />;
  if (draft === null) return <p className="no">{askWords('none.title')}</p>;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (isComplete(draft) && !ask.isPending) ask.mutate(draft);
  };
  return (
    <form className="stack g4" onSubmit={submit}>
      <RequestFields rules={rules} draft={draft} change={change} />
      <div className="row">
        <p className="grow dim small">{askWords('form.logged')}</p>
        <button type="button" className="btn" onClick={() => close(false)}>
          {askWords('form.cancel')}
        </button>
        <button type="submit" className="btn p" disabled={!isComplete(draft) || ask.isPending}>
          {askWords('form.submit')}
        </button>
      </div>
    </form>
  );
}

/** The outcomes where none of them was possible, for one reason; throws other errors. */
function refusedAll(recordings: readonly string[]): (error: unknown) => ManyRequestedBody {
  return (error) => {
    const problem = problemOf(error);
    const code = problem?.checks.find(({ ok }) => ok !== true)?.['code'];
    if (typeof code !== 'string') throw error;
    return { data: recordings.map((recording) => ({ recording, request: null, code })) };
  };
}

type RefusedProps = {
  readonly refused: Outcomes;
  readonly recordings: readonly Recording[];
  readonly close: () => void;
};

function Refused({ refused, recordings, close }: RefusedProps) {
  const { t } = useTranslation('recordings');
  const { t: shell } = useTranslation('shell');
  const words = useWords();
  const callName = useCallName();
  return (
    <div className="stack g4">
      <p role="alert">{t('bulk.failed', { count: refused.length })}</p>
      <ul className="stack g1">
        {refused.map(({ recording, code }) => {
          const call = recordings.find(({ id }) => id === recording);
          return (
            <li key={recording}>
              {call === undefined ? recording : callName(call)}
              <br />
              <span className="no small">{words.problem(code ?? '') ?? words.checkCode(code ?? '')}</span>
            </li>
          );
        })}
      </ul>
      <div className="row">
        <span className="grow" />
        <button type="button" className="btn p" onClick={close}>
          {shell('close')}
        </button>
      </div>
    </div>
  );
}
