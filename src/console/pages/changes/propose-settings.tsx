// Proposing a change of settings: a form with the settings in force, and the reason.
import { Checkbox, NumberInput, Select, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { proposeChange } from '../../api/change-signature.ts';
import { useIdempotencyKey } from '../../api/client.ts';
import { useRefetch } from '../../api/query-client.ts';
import { notify, notifyProblem } from '../../components/notify.ts';
import { ProposeDialog } from '../../components/propose-dialog.tsx';
import { ReasonForm } from '../../components/reason-form.tsx';
import { useWords } from '../../i18n/use-words.ts';
import { type Settings, settingsQuery } from './queries.ts';

const BASES = ['consent', 'contract', 'legal-obligation', 'legitimate-interest', 'none'] as const;

export function ProposeSettings() {
  const { t } = useTranslation('changes');
  return (
    <ProposeDialog query={settingsQuery} button={t('propose')} title={t('propose_title')} cancel={t('cancel')}>
      {(settings, close) => <Form settings={settings} close={close} />}
    </ProposeDialog>
  );
}

function Form({ settings, close }: { readonly settings: Settings; readonly close: () => void }) {
  const { t } = useTranslation('changes');
  const words = useWords();
  const navigate = useNavigate();
  const refetchQueries = useRefetch();
  const keyFor = useIdempotencyKey();
  const [wanted, setWanted] = useState(settings);
  const [fields, setFields] = useState(settings.searchable.join(', '));
  const edit = (more: Partial<Settings>): void => setWanted({ ...wanted, ...more });
  const propose = useMutation({
    mutationFn: (note: string) => {
      const searchable = fields.split(/[\s,，]+/).filter((name) => name !== '');
      const body = { kind: 'settings', note, settings: { ...wanted, searchable } };
      return proposeChange(body, keyFor(body));
    },
    onSuccess: async ({ id, isSigned }) => {
      if (isSigned) notify(t('proposed'));
      close();
      await navigate({ to: '/changes/$id', params: { id } });
    },
    onError: notifyProblem,
    onSettled: () => refetchQueries('changes'),
  });
  return (
    <ReasonForm
      signs
      act={t('propose_now')}
      busy={propose.isPending}
      close={close}
      submit={(note) => propose.mutate(note)}
    >
      <p>{t('propose_text')}</p>
      <Select
        label={t('setting.default_basis')}
        data={BASES.map((value) => ({ value, label: words.basis(value) }))}
        value={wanted.default_basis}
        allowDeselect={false}
        onChange={(value) => edit({ default_basis: (value ?? wanted.default_basis) as Settings['default_basis'] })}
      />
      <TextInput
        label={t('setting.default_notice')}
        description={t('default_notice_hint')}
        maxLength={40}
        value={wanted.default_notice ?? ''}
        onChange={({ currentTarget: { value } }) => edit({ default_notice: value.trim() === '' ? null : value.trim() })}
      />
      <TextInput
        label={t('setting.time_zone')}
        description={t('time_zone_hint')}
        maxLength={64}
        value={wanted.time_zone ?? ''}
        onChange={({ currentTarget: { value } }) => edit({ time_zone: value.trim() === '' ? null : value.trim() })}
      />
      <TextInput
        label={t('setting.searchable')}
        description={t('searchable_hint')}
        maxLength={1_100}
        value={fields}
        onChange={({ currentTarget: { value } }) => setFields(value)}
      />
      <NumberInput
        label={t('setting.approver_age_hours')}
        min={0}
        max={8_784}
        allowDecimal={false}
        value={wanted.approver_age_hours}
        onChange={(value) => edit({ approver_age_hours: Number(value) })}
      />
      <Checkbox
        label={t('setting.decide_by_key')}
        checked={wanted.decide_by_key}
        onChange={({ currentTarget: { checked } }) => edit({ decide_by_key: checked })}
      />
    </ReasonForm>
  );
}
