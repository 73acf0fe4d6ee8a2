// Confirmation before something is removed or revoked.
import { Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

type Props = {
  readonly title: string;
  readonly act: string;
  readonly busy: boolean;
  readonly children: ReactNode;
  readonly onClose: () => void;
  readonly onAct: () => void;
};

export function ConfirmDialog({ title, act, busy, children, onClose, onAct }: Props) {
  const { t } = useTranslation('people');
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ 'aria-label': t('cancel') }}>
      <div className="stack g4">
        {children}
        <div className="row">
          <span className="grow" />
          <button type="button" className="btn" data-autofocus onClick={onClose}>
            {t('cancel')}
          </button>
          <button type="button" className="btn no" disabled={busy} onClick={onAct}>
            {act}
          </button>
        </div>
      </div>
    </Modal>
  );
}
