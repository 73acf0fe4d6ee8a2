// Shortcuts dialog over the current page; the page stays as it is, and playback continues.
import { Modal } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { focusMain } from '../components/focus-main.ts';
import { shortcutsShown } from '../state/shortcuts-shown.ts';
import { ShortcutTables } from './shortcut-tables.tsx';

export function ShortcutsDialog() {
  const { t } = useTranslation('help');
  const { t: shell } = useTranslation();
  const [before] = useState(() => document.activeElement);
  const close = (): void => {
    shortcutsShown.set(false);
    setTimeout(() => {
      if (before instanceof HTMLElement) before.focus({ preventScroll: true });
      focusMain();
    });
  };
  return (
    <Modal
      opened
      onClose={close}
      title={t('keys')}
      size={760}
      closeButtonProps={{ 'aria-label': shell('close') }}
      returnFocus={false}
    >
      <ShortcutTables onGo={() => shortcutsShown.set(false)} />
    </Modal>
  );
}
