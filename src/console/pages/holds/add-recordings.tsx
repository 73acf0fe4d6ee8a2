// Adding recordings to a hold by their ids, which one person does at once.
import { Modal } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fetchJson, useIdempotencyKey } from '../../api/client.ts';
import { useRefetch } from '../../api/query-client.ts';
import { IdsField } from '../../components/ids-field.tsx';
import { notify } from '../../components/notify.ts';
import { areIds, idsIn } from '../../components/recording-ids.ts';
import { useFailure } from './failure.tsx';
import { MOST_LISTED } from './hold-draft.ts';

export function AddRecordings({ hold }: { readonly hold: string }) {
  const { t } = useTranslation('holds');
  const [opened, { open, close }] = useDisclosure(false);
  return (
    <>
      <button type="button" className="btn" onClick={open}>
        {t('add')}
      </button>
      <Modal opened={opened} onClose={close} title={t('add_title')} closeButtonProps={{ 'aria-label': t('cancel') }}>
        <AddForm hold={hold} close={close} />
      </Modal>
    </>
  );
}

function AddForm({ hold, close }: { readonly hold: string; readonly close: () => void }) {
  const { t } = useTranslation('holds');
  const [text, setText] = useState('');
  const refetchQueries = useRefetch();
  const keyFor = useIdempotencyKey();
  const failure = useFailure();
  const add = useMutation({
    mutationFn: (recordings: readonly string[]) => {
      const path = `/v1/holds/${hold}/recordings`;
      return fetchJson('POST', path, { body: { recordings }, key: keyFor([hold, recordings]) });
    },
    onSuccess: () => {
      notify(t('added'));
      close();
    },
    onSettled: () => refetchQueries('holds', 'recording'),
  });
  const ready = areIds(text, MOST_LISTED) && !add.isPending;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (ready) add.mutate(idsIn(text).ids);
  };
  return (
    <form className="stack g4" onSubmit={submit}>
      <p className="dim">{t('add_text')}</p>
      <IdsField text={text} setText={setText} most={MOST_LISTED} />
      <div role="alert">{add.error === null ? null : failure(add.error)}</div>
      <div className="row">
        <span className="grow" />
        <button type="button" className="btn" onClick={close}>
          {t('cancel')}
        </button>
        <button type="submit" className="btn p" disabled={!ready}>
          {t('add_now')}
        </button>
      </div>
    </form>
  );
}
