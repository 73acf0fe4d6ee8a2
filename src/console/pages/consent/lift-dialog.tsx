// Dialog that proposes to lift restrictions: another person approves.
import { Modal } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { proposeChange } from '../../api/change-signature.ts';
import { useIdempotencyKey } from '../../api/client.ts';
import { problemOf } from '../../api/problem.ts';
import { useRefetch } from '../../api/query-client.ts';
import { useProblemText } from '../../components/error-card.tsx';
import { IdsField } from '../../components/ids-field.tsx';
import { notify } from '../../components/notify.ts';
import { ReasonForm } from '../../components/reason-form.tsx';
import { areIds, idsIn } from '../../components/recording-ids.ts';

/** The most recordings of one change. */
const MOST = 50;

type Props = {
  /** Null: the form asks for them. */
  readonly recording: string | null;
  readonly close: () => void;
};

export function LiftDialog({ recording, close }: Props) {
  const { t } = useTranslation('consent');
  const textOf = useProblemText();
  const navigate = useNavigate();
  const refetchQueries = useRefetch();
  const keyFor = useIdempotencyKey();
  const [text, setText] = useState('');
  const propose = useMutation({
    mutationFn: (note: string) => {
      const body = { kind: 'lift', note, restrictions: recording === null ? idsIn(text).ids : [recording] };
      return proposeChange(body, keyFor(body));
    },
    onSuccess: async ({ id, isSigned }) => {
      if (isSigned) notify(t('proposed'));
      close();
      await navigate({ to: '/changes/$id', params: { id } });
    },
    onSettled: () => refetchQueries('changes'),
  });
  const failed = problemOf(propose.error);
  return (
    <Modal opened onClose={close} title={t('lift_title')} closeButtonProps={{ 'aria-label': t('cancel') }}>
      <ReasonForm
        signs
        act={t('propose')}
        ready={recording !== null || areIds(text, MOST)}
        busy={propose.isPending}
        close={close}
        failed={
          <div role="alert">
            {propose.error === null ? null : (
              <p className="no">
                {failed?.code === 'conflict' || failed?.code === 'not_found'
                  ? t('not_restricted')
                  : textOf(propose.error)}
              </p>
            )}
          </div>
        }
        submit={(note) => propose.mutate(note)}
      >
        <p>{t('lift_text')}</p>
        {recording === null ? <IdsField text={text} setText={setText} most={MOST} /> : null}
      </ReasonForm>
    </Modal>
  );
}
