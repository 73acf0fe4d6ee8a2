// Dialog that asks for a reason before access is taken from another person, who will read it.
import { Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ReasonForm } from './reason-form.tsx';

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
  const { t } = useTranslation();
  return (
    <Modal opened={opened} onClose={close} title={title} closeButtonProps={{ 'aria-label': t('reason.cancel') }}>
      <ReasonForm hint={hint} reasonOnly failed={failed} act={act} removes busy={busy} close={close} submit={submit}>
        {text === undefined ? null : <p>{text}</p>}
      </ReasonForm>
    </Modal>
  );
}
