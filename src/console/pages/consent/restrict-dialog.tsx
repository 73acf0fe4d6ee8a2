// Dialog that restricts one recording, which one person does at once.
import { Modal, Select, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fetchJson, useIdempotencyKey } from '../../api/client.ts';
import { problemOf } from '../../api/problem.ts';
import { useRefetch } from '../../api/query-client.ts';
import { useProblemText } from '../../components/error-card.tsx';
import { notify } from '../../components/notify.ts';
import { ReasonForm } from '../../components/reason-form.tsx';
import { idsIn } from '../../components/recording-ids.ts';

const GROUNDS = ['accuracy', 'unlawful', 'claims', 'objection'] as const;

type Props = {
  /** Null: the form asks for it. */
  readonly recording: string | null;
  readonly close: () => void;
};

export function RestrictDialog({ recording, close }: Props) {
  const { t } = useTranslation('consent');
  const { t: words } = useTranslation('recording');
  const textOf = useProblemText();
  const [typed, setTyped] = useState('');
  const [ground, setGround] = useState<string | null>(null);
  const restrict = useRestrict(close);
  const id = recording ?? (typed.trim() === '' ? undefined : idsIn(typed).ids[0]);
  const failed = restrict.error;
  return (
    <Modal opened onClose={close} title={t('restrict_title')} closeButtonProps={{ 'aria-label': t('cancel') }}>
      <ReasonForm
        act={t('restrict_now')}
        hint={t('reason_hint')}
        ready={id !== undefined && ground !== null}
        busy={restrict.isPending}
        close={close}
        failed={
          <div role="alert">
            {failed === null ? null : (
              <p className="no">{problemOf(failed)?.status === 404 ? t('no_recording') : textOf(failed)}</p>
            )}
          </div>
        }
        submit={(reason) => (id === undefined ? undefined : restrict.mutate({ id, ground, reason }))}
      >
        <p>{t('restrict_text')}</p>
        {recording === null ? (
          <TextInput
            data-autofocus
            label={t('recording')}
            error={typed.trim() !== '' && id === undefined ? t('recording_wrong') : null}
            autoComplete="off"
            spellCheck={false}
            maxLength={64}
            value={typed}
            onChange={({ currentTarget: { value } }) => setTyped(value)}
          />
        ) : null}
        <Select
          label={t('ground')}
          description={t('ground_hint')}
          data={GROUNDS.map((value) => ({ value, label: words(`ground.${value}`) }))}
          value={ground}
          onChange={setGround}
        />
      </ReasonForm>
    </Modal>
  );
}

type Wanted = { readonly id: string; readonly ground: string | null; readonly reason: string };

function useRestrict(close: () => void) {
  const { t } = useTranslation('consent');
  const refetchQueries = useRefetch();
  const keyFor = useIdempotencyKey();
  return useMutation({
    mutationFn: ({ id, ground, reason }: Wanted) =>
      fetchJson('POST', `/v1/recordings/${id}/restrict`, {
        body: { ground, reason },
        key: keyFor([id, ground, reason]),
      }),
    onSuccess: () => {
      notify(t('restricted'));
      close();
    },
    onSettled: () => refetchQueries('recording', 'recordings', 'access', 'grants'),
  });
}
