// Access request for several recordings: one form, one request each, sent one after another.
import { Modal } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fetchJson, newIdempotencyKey } from '../../api/client.ts';
import { useMe } from '../../api/current-user.ts';
import { policyQuery } from '../../api/queries.ts';
import type { Policy, Recording } from '../../api/types.ts';
import { notify } from '../../components/notify.ts';
import { Skeleton } from '../../components/skeleton.tsx';
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
  const [done, setDone] = useState(0);
  // Idempotency keys stay the same when the form is sent again after a failure, so that nothing is requested twice.
  const keys = useMemo(() => new Map(recordings.map(({ id }) => [id, newIdempotencyKey()])), [recordings]);
  const ask = useMutation({
    mutationFn: async (asked: RequestDraft) => {
      let failed = 0;
      for (const { id } of recordings) {
        const key = `${keys.get(id)}-${asked.purpose}-${asked.minutes}`;
        await fetchJson('POST', '/v1/access-requests', { body: requestBodyOf(asked, id), key }).catch(() => {
          failed += 1;
        });
        setDone((count) => count + 1);
        await refreshRow(client, id).catch(() => undefined);
      }
      return failed;
    },
    onSuccess: (failed) => {
      const asked = recordings.length - failed;
      if (asked > 0) notify(t('bulk.asked', { count: asked }));
      if (failed > 0) notify(t('bulk.failed', { count: failed }));
      close(true);
    },
  });
  if (draft === null) return <p className="no">{askWords('none.title')}</p>;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setDone(0);
    if (isComplete(draft) && !ask.isPending) ask.mutate(draft);
  };
  return (
    <form className="stack g4" onSubmit={submit}>
      <RequestFields rules={rules} draft={draft} change={change} />
      <div className="row">
        <p className="grow dim small" role="status">
          {ask.isPending ? t('bulk.progress', { done, all: recordings.length }) : askWords('form.logged')}
        </p>
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
