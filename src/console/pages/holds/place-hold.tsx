// Placing a legal hold, which one person does at once: what it is about, when it is looked at again, what it covers.
import { Checkbox, Modal, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fetchJson, useIdempotencyKey } from '../../api/client.ts';
import { useRefetch } from '../../api/query-client.ts';
import { IdsField } from '../../components/ids-field.tsx';
import { notify } from '../../components/notify.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { useFailure } from './failure.tsx';
import { coversAll, EMPTY_HOLD, type HoldDraft, holdBodyOf, isReady, MOST_LISTED } from './hold-draft.ts';
import type { Hold } from './queries.ts';
import { QueryFields } from './query-fields.tsx';

export function PlaceButton() {
  const { t } = useTranslation('holds');
  const [opened, { open, close }] = useDisclosure(false);
  return (
    <>
      <button type="button" className="btn p" onClick={open}>
        {t('place')}
      </button>
      <Modal
        opened={opened}
        onClose={close}
        size="lg"
        title={t('place_title')}
        closeButtonProps={{ 'aria-label': t('cancel') }}
      >
        <PlaceForm close={close} />
      </Modal>
    </>
  );
}

function PlaceForm({ close }: { readonly close: () => void }) {
  const { t } = useTranslation('holds');
  const [draft, setDraft] = useState(EMPTY_HOLD);
  const [confirmedAll, setConfirmedAll] = useState(false);
  const place = usePlace(close);
  const failure = useFailure();
  const edit = (more: Partial<HoldDraft>): void => setDraft({ ...draft, ...more });
  const ready = isReady(draft, confirmedAll);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (ready && !place.isPending) place.mutate(draft);
  };
  return (
    <form className="stack g4" onSubmit={submit}>
      <p className="dim">{t('place_text')}</p>
      <div className="hold-two">
        <TextInput
          data-autofocus
          label={t('reference')}
          description={t('reference_hint')}
          autoComplete="off"
          maxLength={128}
          value={draft.reference}
          onChange={({ currentTarget: { value } }) => edit({ reference: value })}
        />
        <TextInput
          type="date"
          label={t('column.review')}
          description={t('review_hint')}
          value={draft.review}
          onChange={({ currentTarget: { value } }) => edit({ review: value })}
        />
      </div>
      <TextInput
        label={t('name')}
        description={t('name_hint')}
        autoComplete="off"
        maxLength={200}
        value={draft.title}
        onChange={({ currentTarget: { value } }) => edit({ title: value })}
      />
      <fieldset className="seg full">
        <legend className="sr">{t('column.covers')}</legend>
        {(['query', 'list'] as const).map((one) => (
          <button key={one} type="button" aria-pressed={draft.covers === one} onClick={() => edit({ covers: one })}>
            {t(`by.${one}`)}
          </button>
        ))}
      </fieldset>
      {draft.covers === 'list' ? (
        <IdsField text={draft.ids} setText={(ids) => edit({ ids })} most={MOST_LISTED} />
      ) : (
        <>
          <QueryFields draft={draft} edit={edit} />
          <Checkbox
            label={t('continuing_label')}
            description={t('continuing_hint')}
            checked={draft.continuing}
            onChange={({ currentTarget: { checked } }) => edit({ continuing: checked })}
          />
          {coversAll(draft) ? (
            <div className="warn-box">
              <Checkbox
                label={t('covers_all')}
                description={t('covers_all_hint')}
                checked={confirmedAll}
                onChange={({ currentTarget: { checked } }) => setConfirmedAll(checked)}
              />
            </div>
          ) : null}
        </>
      )}
      <div role="alert">{place.error === null ? null : failure(place.error)}</div>
      <div className="row">
        <span className="grow" />
        <button type="button" className="btn" onClick={close}>
          {t('cancel')}
        </button>
        <button type="submit" className="btn p" disabled={!ready || place.isPending}>
          {t('place_now')}
        </button>
      </div>
    </form>
  );
}

function usePlace(close: () => void) {
  const { t } = useTranslation('holds');
  const { timeZone } = useFormat();
  const navigate = useNavigate();
  const refetchQueries = useRefetch();
  const keyFor = useIdempotencyKey();
  return useMutation({
    mutationFn: (draft: HoldDraft) => {
      const body = holdBodyOf(draft, timeZone);
      return fetchJson<Hold>('POST', '/v1/holds', { body, key: keyFor(body) });
    },
    onSuccess: async ({ id }) => {
      notify(t('placed'));
      close();
      await navigate({ to: '/holds/$id', params: { id } });
    },
    onSettled: () => refetchQueries('holds', 'recording'),
  });
}
