// Import of people from CSV: the table, what each line would do, its faults, and the one change that does it.
import { Textarea } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type ChangeEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { PeopleImportBody } from '../../../http/reply-types.ts';
import { proposeChange } from '../../api/change-signature.ts';
import { fetchJson, useIdempotencyKey } from '../../api/client.ts';
import { useRefetch } from '../../api/query-client.ts';
import { notify, notifyProblem } from '../../components/notify.ts';
import { ReasonForm } from '../../components/reason-form.tsx';
import { ImportLines } from './import-lines.tsx';

export function ImportForm({ close }: { readonly close: () => void }) {
  const { t } = useTranslation('people');
  const [csv, setCsv] = useState('');
  const [failed, setFailed] = useState(false);
  const preview = useMutation({
    mutationFn: (text: string) =>
      fetchJson<PeopleImportBody>('POST', '/v1/people/import/preview', { body: { csv: text } }),
    onError: notifyProblem,
  });
  const propose = usePropose(close);
  const set = (text: string): void => {
    setCsv(text);
    preview.reset();
  };
  const choose = async ({ currentTarget: { files } }: ChangeEvent<HTMLInputElement>): Promise<void> => {
    const [file] = files ?? [];
    if (file === undefined) return;
    const text = await file.text().catch(() => null);
    setFailed(text === null);
    set(text ?? '');
    if (text !== null && isDecodedUtf8(text)) preview.mutate(text);
  };
  const unreadable = !isDecodedUtf8(csv);
  const people = preview.data?.people ?? [];
  const checked = preview.data !== undefined;
  return (
    <ReasonForm
      asksReason={people.length > 0}
      signs={people.length > 0}
      act={checked ? t('import.propose', { count: people.length }) : t('import.check')}
      ready={checked ? people.length > 0 : csv.trim() !== '' && !unreadable}
      busy={preview.isPending || propose.isPending}
      close={close}
      submit={(note) => (checked ? propose.mutate({ note, people }) : preview.mutate(csv))}
    >
      <p>{t('import.text')}</p>
      <label className="stack g1">
        <span>{t('import.file')}</span>
        <input
          type="file"
          accept=".csv,text/csv,text/plain"
          // Emptied, so that a corrected file of the same name can be chosen again.
          onClick={({ currentTarget }) => {
            currentTarget.value = '';
          }}
          onChange={(event) => void choose(event)}
        />
      </label>
      {failed ? (
        <p className="no" role="alert">
          {t('import.unreadable')}
        </p>
      ) : null}
      <Textarea
        label={t('import.paste')}
        classNames={{ input: 'mono' }}
        placeholder={'name,roles,trained_until'}
        autosize
        minRows={4}
        maxRows={8}
        maxLength={200_000}
        error={unreadable ? t('import.not_utf8') : null}
        value={csv}
        onChange={({ currentTarget: { value } }) => set(value)}
      />
      {preview.data === undefined ? null : <ImportLines lines={preview.data.lines} />}
    </ReasonForm>
  );
}

/** Whether a file or a pasted text was UTF-8: a decoder puts this character for every byte that is not. */
function isDecodedUtf8(text: string): boolean {
  return !text.includes('\uFFFD');
}

function usePropose(close: () => void) {
  const { t } = useTranslation('people');
  const navigate = useNavigate();
  const refetchQueries = useRefetch();
  const keyFor = useIdempotencyKey();
  return useMutation({
    mutationFn: (wanted: { readonly note: string; readonly people: readonly object[] }) => {
      const body = { kind: 'people', ...wanted };
      return proposeChange(body, keyFor(body));
    },
    onSuccess: async ({ id, isSigned }) => {
      if (isSigned) notify(t('form.proposed'));
      close();
      await navigate({ to: '/changes/$id', params: { id } });
    },
    onError: notifyProblem,
    onSettled: () => refetchQueries('changes', 'people'),
  });
}
