// The proof of identity: how the person was checked, before anything is searched for.
import { Textarea } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fetchJson, useIdempotencyKey } from '../../api/client.ts';
import { useRefetch } from '../../api/query-client.ts';
import { notify, notifyProblem } from '../../components/notify.ts';
import type { SubjectRequest } from '../../subjects/types.ts';

const MIN_LENGTH = 3;
const MAX_LENGTH = 500;

export function IdentityForm({ request }: { readonly request: SubjectRequest }) {
  const { t } = useTranslation('subjects');
  const refetchQueries = useRefetch();
  const keyFor = useIdempotencyKey();
  const [how, setHow] = useState('');
  const said = how.trim();
  const save = useMutation({
    mutationFn: () => {
      const path = `/v1/subject-requests/${request.id}/identity`;
      return fetchJson('POST', path, { body: { how: said }, key: keyFor([path, said]) });
    },
    onSuccess: () => notify(t('identity.saved')),
    onError: notifyProblem,
    onSettled: () => refetchQueries('subject-requests'),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (said.length >= MIN_LENGTH && !save.isPending) save.mutate();
  };
  return (
    <form className="card pad stack g3 next-step" onSubmit={submit} aria-labelledby="identity-title">
      <h2 id="identity-title">{t('identity.title')}</h2>
      <p className="dim">{t('identity.text')}</p>
      <Textarea
        label={t('identity.how')}
        description={t('identity.how_hint')}
        autosize
        minRows={2}
        maxLength={MAX_LENGTH}
        required
        withAsterisk={false}
        value={how}
        onChange={({ currentTarget: { value } }) => setHow(value)}
      />
      <div className="row">
        <button type="submit" className="btn p" disabled={said.length < MIN_LENGTH || save.isPending}>
          {t('identity.save')}
        </button>
      </div>
    </form>
  );
}
