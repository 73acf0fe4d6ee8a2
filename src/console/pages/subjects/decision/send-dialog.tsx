// Sending a decision for approval: what will be erased, in one sentence, and a note for the person who approves.
import { Modal } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { ReasonForm } from '../../../components/reason-form.tsx';
import { type Chosen, sentOutcomes } from '../../../subjects/outcomes.ts';
import type { SubjectRecording, SubjectRequest, Words } from '../../../subjects/types.ts';
import { useSendDecision } from './use-send-decision.ts';

/** For how long, and how often, the officer who sends the decision makes the copies: shown, and sent. */
const COPIES = { hours: 72, downloads: 3 };

type Props = {
  readonly request: SubjectRequest;
  readonly rows: readonly SubjectRecording[];
  readonly chosen: Chosen;
  readonly words: Words | null;
  readonly erases: number;
  /** How many recordings are copied. */
  readonly copied: number;
  readonly close: () => void;
};

export function SendDialog({ request, rows, chosen, words, erases, copied, close }: Props) {
  const { t } = useTranslation('subjects');
  const send = useSendDecision(request, close);
  const outcomes = sentOutcomes(rows, chosen);
  const submit = (note: string): void =>
    send.mutate({
      note,
      ...(outcomes.length === 0 ? {} : { outcomes }),
      ...(words === null ? {} : { words }),
      ...(copied === 0 ? {} : { copies: COPIES }),
    });
  return (
    <Modal
      opened
      onClose={close}
      title={t('decision.send_title')}
      closeButtonProps={{ 'aria-label': t('form.cancel') }}
    >
      <ReasonForm reasonOnly signs act={t('decision.send')} busy={send.isPending} close={close} submit={submit}>
        <p className={erases === 0 ? undefined : 'no m'}>
          {erases === 0 ? t('decision.send_none') : t('decision.send_text', { count: erases })}
        </p>
        {copied === 0 ? null : <p>{t('decision.send_copies', { count: copied, ...COPIES })}</p>}
      </ReasonForm>
    </Modal>
  );
}
