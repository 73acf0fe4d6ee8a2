// Asking for several recordings at once: one form, one request each, sent one after another.
import { Modal } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call, newKey } from '../../api/client.ts';
import { useMe } from '../../api/current-user.ts';
import { policyQuery } from '../../api/queries.ts';
import type { Policy, Recording } from '../../api/types.ts';
import { tell } from '../../components/notify.ts';
import { Skeleton } from '../../components/skeleton.tsx';
import { bodyOf, firstWish, isWhole, rulesFor, ticketOf, type Wish } from '../ask/request-draft.ts';
import { AskFields } from '../ask/request-fields.tsx';
import { refreshRow } from './use-recordings.ts';

type Props = {
  readonly recordings: readonly Recording[];
  readonly close: (done: boolean) => void;
};

export function BulkAsk({ recordings, close }: Props) {
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
        <BulkForm recordings={recordings} policy={policy.data} close={close} />
      )}
    </Modal>
  );
}

type FormProps = Pick<Props, 'recordings' | 'close'> & { readonly policy: Policy };

function BulkForm({ recordings, policy, close }: FormProps) {
  const { t } = useTranslation('recordings');
  const { t: askWords } = useTranslation('ask');
  const client = useQueryClient();
  const { principal } = useMe();
  const rules = rulesFor(policy, principal.roles);
  const [wish, change] = useState<Wish | null>(
    rules[0] === undefined ? null : firstWish(rules[0], ticketOf(recordings)),
  );
  const [done, setDone] = useState(0);
  // The keys stay when the form is sent again after a failure: what was asked for is not asked for twice.
  const keys = useMemo(() => new Map(recordings.map(({ id }) => [id, newKey()])), [recordings]);
  const ask = useMutation({
    mutationFn: async (asked: Wish) => {
      let failed = 0;
      for (const { id } of recordings) {
        const key = `${keys.get(id)}-${asked.purpose}-${asked.minutes}`;
        await call('POST', '/v1/access-requests', { body: bodyOf(asked, id), key }).catch(() => {
          failed += 1;
        });
        setDone((count) => count + 1);
        await refreshRow(client, id).catch(() => undefined);
      }
      return failed;
    },
    onSuccess: (failed) => {
      const asked = recordings.length - failed;
      if (asked > 0) tell(t('bulk.asked', { count: asked }));
      if (failed > 0) tell(t('bulk.failed', { count: failed }));
      close(true);
    },
  });
  if (wish === null) return <p className="no">{askWords('none.title')}</p>;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setDone(0);
    if (isWhole(wish) && !ask.isPending) ask.mutate(wish);
  };
  return (
    <form className="stack g4" onSubmit={submit}>
      <AskFields rules={rules} wish={wish} change={change} />
      <div className="row">
        <p className="grow dim small" role="status">
          {ask.isPending ? t('bulk.progress', { done, all: recordings.length }) : askWords('form.logged')}
        </p>
        <button type="button" className="btn" onClick={() => close(false)}>
          {askWords('form.cancel')}
        </button>
        <button type="submit" className="btn p" disabled={!isWhole(wish) || ask.isPending}>
          {askWords('form.submit')}
        </button>
      </div>
    </form>
  );
}
