// Form of a notice's text: of a new notice, of its next version, or of a version in another language.
import { Modal, Textarea, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fetchJson, useIdempotencyKey } from '../../api/client.ts';
import { problemOf } from '../../api/problem.ts';
import { useRefetch } from '../../api/query-client.ts';
import { useProblemText } from '../../components/error-card.tsx';
import { notify } from '../../components/notify.ts';

const MOST_TEXT = 8_000;

type Of = { readonly notice: string; readonly version?: number } | null;
type Props = { readonly of: Of; readonly label: string; readonly title: string };

export function AddText({ of, label, title }: Props) {
  const { t } = useTranslation('consent');
  const [opened, { open, close }] = useDisclosure(false);
  return (
    <>
      <button type="button" className="btn s" onClick={open}>
        {label}
      </button>
      <Modal opened={opened} onClose={close} title={title} closeButtonProps={{ 'aria-label': t('cancel') }}>
        <TextForm of={of} close={close} />
      </Modal>
    </>
  );
}

function TextForm({ of, close }: { readonly of: Of; readonly close: () => void }) {
  const { t, i18n } = useTranslation('consent');
  const refetchQueries = useRefetch();
  const keyFor = useIdempotencyKey();
  const textOf = useProblemText();
  const isOtherLanguage = of?.version !== undefined;
  const [language, setLanguage] = useState(isOtherLanguage ? '' : i18n.language);
  const [text, setText] = useState('');
  const add = useMutation({
    mutationFn: (body: object) => fetchJson('POST', '/v1/notices', { body, key: keyFor(body) }),
    onSuccess: () => {
      notify(t('added'));
      close();
    },
    onSettled: () => refetchQueries('notices'),
  });
  const isTag = !(problemOf(add.error)?.errors.some(({ pointer }) => pointer.includes('language')) ?? false);
  const ready = language.trim() !== '' && text.trim() !== '' && !add.isPending;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (ready) add.mutate({ ...of, language: language.trim(), text: text.trim() });
  };
  return (
    <form className="stack g4" onSubmit={submit}>
      <p className="dim">{t(isOtherLanguage ? 'language_text' : of === null ? 'notice_text' : 'version_text')}</p>
      <TextInput
        data-autofocus
        label={t('language')}
        description={t('language_hint')}
        error={isTag ? null : t('language_wrong')}
        autoComplete="off"
        maxLength={64}
        value={language}
        onChange={({ currentTarget: { value } }) => setLanguage(value)}
      />
      <Textarea
        label={t('text')}
        description={t('text_hint')}
        autosize
        minRows={4}
        maxRows={12}
        maxLength={MOST_TEXT}
        value={text}
        onChange={({ currentTarget: { value } }) => setText(value)}
      />
      <div role="alert">{add.error === null || !isTag ? null : <p className="no">{textOf(add.error)}</p>}</div>
      <div className="row">
        <span className="grow" />
        <button type="button" className="btn" onClick={close}>
          {t('cancel')}
        </button>
        <button type="submit" className="btn p" disabled={!ready}>
          {t('add')}
        </button>
      </div>
    </form>
  );
}
