// Encryption of a recording: what is encrypted, and when it was last verified.
import { Modal } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Recording } from '../../api/types.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { useWords } from '../../i18n/use-words.ts';

type Props = { readonly recording: Recording; readonly opened: boolean; readonly onClose: () => void };

export function EncryptionDialog({ recording, opened, onClose }: Props) {
  const { t } = useTranslation('recording');
  const format = useFormat();
  const words = useWords();
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t('encryption')}
      size="lg"
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <p className="dim">{t('encryption_text')}</p>
      <dl className="pairs">
        {recording.objects.map(({ name, deposit, verified_at: at }) => (
          <div key={deposit}>
            <dt>{words.thing(name)}</dt>
            <dd>
              <span className="mono">{deposit}</span>
              <br />
              {t('verified')}: {at === null ? t('never') : format.dateTime(at)}
            </dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
