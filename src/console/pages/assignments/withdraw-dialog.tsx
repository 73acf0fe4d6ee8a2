// Withdrawing a batch, or what one reviewer has not finished of it; calls that are done stay done.
import { Modal, Select, Textarea } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { ChevronDown } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fetchJson, useIdempotencyKey } from '../../api/client.ts';
import { useRefetch } from '../../api/query-client.ts';
import { notify, notifyProblem } from '../../components/notify.ts';
import { useWords } from '../../i18n/use-words.ts';
import { LEAST_REASON, MOST_REASON } from './draft.ts';
import type { Batch } from './types.ts';

type Props = { readonly batch: Batch; readonly close: () => void };

/** The choice of everyone in the batch. */
const ALL = '';

export function WithdrawDialog({ batch, close }: Props) {
  const { t } = useTranslation('assignments');
  const words = useWords();
  const refetchQueries = useRefetch();
  const keyFor = useIdempotencyKey();
  const [person, setPerson] = useState(ALL);
  const [reason, setReason] = useState('');
  const working = batch.reviewers.filter(({ open }) => open > 0);
  const open = working.filter(({ id }) => person === ALL || id === person).reduce((sum, one) => sum + one.open, 0);
  const withdraw = useMutation({
    mutationFn: () => {
      const body = { ...(person === ALL ? {} : { person }), reason: reason.trim() };
      const path = `/v1/batches/${batch.id}/withdraw`;
      return fetchJson<{ data: readonly unknown[] }>('POST', path, { body, key: keyFor([path, body]) });
    },
    onSuccess: ({ data }) => {
      notify(t('withdrawn', { count: data.length }));
      close();
    },
    onError: notifyProblem,
    onSettled: () => refetchQueries('batches', 'reviewers'),
  });
  const whole = reason.trim().length >= LEAST_REASON;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (whole && !withdraw.isPending) withdraw.mutate();
  };
  return (
    <Modal opened onClose={close} title={t('withdraw_title')} closeButtonProps={{ 'aria-label': t('close') }}>
      <form className="stack g4" onSubmit={submit}>
        <p>{t('withdraw_text', { count: open })}</p>
        {working.length < 2 ? null : (
          <Select
            label={t('withdraw_of')}
            data={[
              { value: ALL, label: t('withdraw_all') },
              ...working.map(({ id, name }) => ({ value: id, label: words.person(name) })),
            ]}
            value={person}
            allowDeselect={false}
            rightSection={<ChevronDown className="i s mute" />}
            rightSectionPointerEvents="none"
            onChange={(next) => setPerson(next ?? ALL)}
          />
        )}
        <Textarea
          data-autofocus
          label={t('form.reason')}
          description={t('withdraw_logged')}
          autosize
          minRows={2}
          maxLength={MOST_REASON}
          required
          withAsterisk={false}
          value={reason}
          onChange={({ currentTarget: { value } }) => setReason(value)}
        />
        <div className="row">
          <span className="grow" />
          <button type="button" className="btn" onClick={close}>
            {t('cancel')}
          </button>
          <button type="submit" className="btn no" disabled={!whole || withdraw.isPending}>
            {t('withdraw_now')}
          </button>
        </div>
      </form>
    </Modal>
  );
}
