// The verifier key of the log: what the page does without one, and the dialog to enter it.
import { Modal, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { sha256 } from '@noble/hashes/sha2.js';
import { KeyRound } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { readVerifierKey } from '../../../../model/log/note.ts';
import { keepVerifierKey } from '../../../state/verifier-keys.ts';

type Props = { readonly log: string; readonly known: string | null };

export function VerifierKey({ log, known }: Props) {
  const { t } = useTranslation('activity');
  const [opened, { open, close }] = useDisclosure(false);
  // The key's id, which people compare: eight digits.
  const id = known?.split('+').at(-2) ?? '';
  return (
    <div className="row ver-key">
      <KeyRound className="i s mute" />
      <span className="grow sub-text">{known === null ? t('key.none') : t('key.known', { id })}</span>
      {known === null ? (
        <button type="button" className="btn s" onClick={open}>
          {t('key.enter')}
        </button>
      ) : (
        <button type="button" className="btn s q" onClick={() => keepVerifierKey(log, null)}>
          {t('key.forget')}
        </button>
      )}
      {opened ? <EnterKey log={log} onClose={close} /> : null}
    </div>
  );
}

function EnterKey({ log, onClose }: { readonly log: string; readonly onClose: () => void }) {
  const { t } = useTranslation('activity');
  const [text, setText] = useState('');
  const [fault, setFault] = useState<'key.not_one' | 'key.of_another' | null>(null);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const read = readVerifierKey(text.trim(), sha256);
    if (read === null) setFault('key.not_one');
    else if (read.name !== log) setFault('key.of_another');
    else {
      keepVerifierKey(log, text.trim());
      onClose();
    }
  };
  return (
    <Modal opened onClose={onClose} title={t('key.title')} closeButtonProps={{ 'aria-label': t('key.cancel') }}>
      <form className="stack g4" onSubmit={submit}>
        <p>{t('key.text')}</p>
        <TextInput
          label={t('key.label')}
          description={t('key.hint', { log })}
          value={text}
          maxLength={400}
          error={fault === null ? undefined : t(fault)}
          data-autofocus
          required
          spellCheck={false}
          autoComplete="off"
          onChange={({ currentTarget }) => {
            setText(currentTarget.value);
            setFault(null);
          }}
        />
        <div className="row">
          <span className="grow" />
          <button type="button" className="btn" onClick={onClose}>
            {t('key.cancel')}
          </button>
          <button type="submit" className="btn p" disabled={text.trim() === ''}>
            {t('key.keep')}
          </button>
        </div>
      </form>
    </Modal>
  );
}
