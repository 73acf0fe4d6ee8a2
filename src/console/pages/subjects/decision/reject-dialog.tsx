// Rejecting a request: on which ground, and the reason that the person reads. Another person approves it too.
import { Modal, Select, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ReasonForm } from '../../../components/reason-form.tsx';
import type { RefusalGround, SubjectRequest } from '../../../subjects/types.ts';
import { useSendDecision } from './use-send-decision.ts';

const GROUNDS: readonly RefusalGround[] = [
  'identity',
  'nothing-found',
  'unfounded',
  'excessive',
  'others-rights',
  'law',
];
const MIN_REASON = 3;
const MAX_REASON = 2_000;

type Props = { readonly request: SubjectRequest; readonly close: () => void };

export function RejectDialog({ request, close }: Props) {
  const { t } = useTranslation('subjects');
  const suggested = request.searched !== null && request.recordings.found === 0 ? 'nothing-found' : null;
  const [ground, setGround] = useState<RefusalGround | null>(suggested);
  const [reason, setReason] = useState('');
  const send = useSendDecision(request, close);
  const said = reason.trim();
  const submit = (note: string): void => {
    if (ground !== null) send.mutate({ note, refusal: { ground, reason: said } });
  };
  return (
    <Modal
      opened
      onClose={close}
      title={t('decision.reject_title')}
      closeButtonProps={{ 'aria-label': t('form.cancel') }}
    >
      <ReasonForm
        signs
        removes
        act={t('decision.reject_now')}
        ready={ground !== null && said.length >= MIN_REASON}
        busy={send.isPending}
        close={close}
        submit={submit}
      >
        <p>{t('decision.reject_text')}</p>
        <Select
          label={t('decision.ground')}
          placeholder={t('decision.ground_choose')}
          data={GROUNDS.map((one) => ({ value: one, label: t(`ground.${one}`) }))}
          value={ground}
          allowDeselect={false}
          data-autofocus
          onChange={(value) => setGround(GROUNDS.find((one) => one === value) ?? null)}
        />
        <Textarea
          label={t('decision.reason')}
          description={t('decision.reason_hint')}
          autosize
          minRows={3}
          maxLength={MAX_REASON}
          required
          withAsterisk={false}
          value={reason}
          onChange={({ currentTarget: { value } }) => setReason(value)}
        />
      </ReasonForm>
    </Modal>
  );
}
