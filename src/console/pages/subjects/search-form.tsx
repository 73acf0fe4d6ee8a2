// The search for a person's recordings, of all times or some.
import { Modal, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fetchJson, useIdempotencyKey } from '../../api/client.ts';
import { useRefetch } from '../../api/query-client.ts';
import { notify, notifyProblem } from '../../components/notify.ts';
import { dayAfter, midnight } from '../../i18n/days.ts';
import { useFormat } from '../../i18n/use-format.ts';
import type { SubjectRequest } from '../../subjects/types.ts';

const MAX_FOUND = 2_000;

type Props = { readonly request: SubjectRequest };

/** The search as the next step. */
export function SearchForm({ request }: Props) {
  const { t } = useTranslation('subjects');
  return (
    <section className="card pad stack g3 next-step" aria-labelledby="search-title">
      <h2 id="search-title">{t('search.title')}</h2>
      <p className="dim">{t('search.text')}</p>
      <Fields request={request} />
    </section>
  );
}

/** The same later, in a dialog. */
export function SearchAgain({ request }: Props) {
  const { t } = useTranslation('subjects');
  const [opened, setOpened] = useState(false);
  const close = (): void => setOpened(false);
  return (
    <>
      <button type="button" className="btn s q" onClick={() => setOpened(true)}>
        {t('search.again')}
      </button>
      <Modal
        opened={opened}
        onClose={close}
        title={t('search.again_title')}
        closeButtonProps={{ 'aria-label': t('search.cancel') }}
      >
        <div className="stack g3">
          <p>{t('search.again_text')}</p>
          <Fields request={request} close={close} />
        </div>
      </Modal>
    </>
  );
}

function Fields({ request, close }: Props & { readonly close?: () => void }) {
  const { t } = useTranslation('subjects');
  const format = useFormat();
  const refetchQueries = useRefetch();
  const keyFor = useIdempotencyKey();
  const [from, setFrom] = useState('');
  const [to, setTo] = useState('');
  const isWrong = from !== '' && to !== '' && from > to;
  const search = useMutation({
    mutationFn: () => {
      const path = `/v1/subject-requests/${request.id}/search`;
      const body = {
        ...(from === '' ? {} : { from: midnight(from, format.timeZone) }),
        ...(to === '' ? {} : { to: midnight(dayAfter(to, 1), format.timeZone) }),
      };
      // What came since is found too: the same search again is another one.
      return fetchJson<SubjectRequest>('POST', path, { body, key: keyFor([path, body, request.searched]) });
    },
    onSuccess: ({ recordings }) => {
      notify(t('search.done', { count: recordings.found }));
      close?.();
    },
    onError: notifyProblem,
    onSettled: () => refetchQueries('subject-requests'),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!isWrong && !search.isPending) search.mutate();
  };
  return (
    <form className="stack g3" onSubmit={submit}>
      <fieldset className="field">
        <legend className="m">{t('search.range')}</legend>
        <p className="dim small">{t('search.range_hint', { most: format.number(MAX_FOUND) })}</p>
        <div className="new-two">
          <TextInput
            type="date"
            label={t('search.from')}
            value={from}
            error={isWrong ? t('search.wrong') : null}
            onChange={({ currentTarget: { value } }) => setFrom(value)}
          />
          <TextInput
            type="date"
            label={t('search.to')}
            value={to}
            onChange={({ currentTarget: { value } }) => setTo(value)}
          />
        </div>
      </fieldset>
      <div className="row">
        {close === undefined ? null : (
          <>
            <span className="grow" />
            <button type="button" className="btn" onClick={close}>
              {t('search.cancel')}
            </button>
          </>
        )}
        <button type="submit" className="btn p" disabled={isWrong || search.isPending}>
          {t('search.save')}
        </button>
      </div>
    </form>
  );
}
