// Words of the officer that are added to the answer, in either language.
import { Modal, Textarea } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Words } from '../../../subjects/types.ts';

const MAX_LENGTH = 2_000;

type Props = {
  readonly words: Words | null;
  readonly save: (words: Words | null) => void;
  readonly close: () => void;
};

export function WordsDialog({ words, save, close }: Props) {
  const { t } = useTranslation('subjects');
  const [en, setEn] = useState(words?.en ?? '');
  const [zh, setZh] = useState(words?.['zh-CN'] ?? '');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const given = {
      ...(en.trim() === '' ? {} : { en: en.trim() }),
      ...(zh.trim() === '' ? {} : { 'zh-CN': zh.trim() }),
    };
    save(Object.keys(given).length === 0 ? null : given);
  };
  return (
    <Modal
      opened
      onClose={close}
      size="lg"
      title={t('answer.edit_title')}
      closeButtonProps={{ 'aria-label': t('answer.edit_cancel') }}
    >
      <form className="stack g4" onSubmit={submit}>
        <p>{t('answer.edit_text')}</p>
        {(
          [
            ['en', t('answer.edit_en'), en, setEn],
            ['zh-CN', t('answer.edit_zh'), zh, setZh],
          ] as const
        ).map(([language, label, value, set], n) => (
          <Textarea
            key={language}
            lang={language}
            label={label}
            autosize
            minRows={3}
            maxLength={MAX_LENGTH}
            data-autofocus={n === 0 || undefined}
            value={value}
            onChange={({ currentTarget }) => set(currentTarget.value)}
          />
        ))}
        <div className="row">
          <span className="grow" />
          <button type="button" className="btn" onClick={close}>
            {t('answer.edit_cancel')}
          </button>
          <button type="submit" className="btn p">
            {t('answer.edit_save')}
          </button>
        </div>
      </form>
    </Modal>
  );
}
