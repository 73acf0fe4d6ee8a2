// Dialog that asks for a reason before access is taken from another person, who will read it.
import { Modal, Textarea } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';

const MIN_LENGTH = 3;
const MAX_LENGTH = 500;

type Props = {
  readonly opened: boolean;
  readonly close: () => void;
  readonly title: string;
  readonly text?: string;
  readonly hint: string;
  readonly act: string;
  readonly busy: boolean;
  /** Why the last attempt failed. */
  readonly failed?: ReactNode;
  readonly submit: (reason: string) => void;
};

export function ReasonModal({ opened, close, title, text, hint, act, busy, failed, submit }: Props) {
  const { t } = useTranslation('approvals');
  const [reason, setReason] = useState('');
  const whole = reason.trim().length >= MIN_LENGTH;
  const send = (event: FormEvent): void => {
    event.preventDefault();
    if (whole && !busy) submit(reason.trim());
  };
  return (
    <Modal opened={opened} onClose={close} title={title} closeButtonProps={{ 'aria-label': t('cancel') }}>
      <form className="stack g4" onSubmit={send}>
        {text === undefined ? null : <p>{text}</p>}
        <Textarea
          data-autofocus
          label={t('refuse_reason')}
          description={hint}
          autosize
          minRows={3}
          maxLength={MAX_LENGTH}
          required
          withAsterisk={false}
          value={reason}
          onChange={({ currentTarget }) => setReason(currentTarget.value)}
        />
        {failed}
        <div className="row">
          <span className="grow" />
          <button type="button" className="btn" onClick={close}>
            {t('cancel')}
          </button>
          <button type="submit" className="btn no" disabled={!whole || busy}>
            {act}
          </button>
        </div>
      </form>
    </Modal>
  );
}
