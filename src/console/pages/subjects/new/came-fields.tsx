// How and when a request came.
import { Select, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { CHANNELS } from './draft.ts';
import type { FieldProps } from './field-props.ts';

export function CameFields({ draft, setDraft, errorAt, today }: FieldProps & { readonly today: string }) {
  const { t } = useTranslation('subjects');
  return (
    <section className="card pad stack g3" aria-labelledby="new-came">
      <h2 id="new-came">{t('form.came')}</h2>
      <div className="new-two">
        <Select
          label={t('form.channel')}
          data={CHANNELS.map((channel) => ({ value: channel, label: t(`channel.${channel}`) }))}
          value={draft.channel}
          allowDeselect={false}
          onChange={(value) => setDraft({ ...draft, channel: CHANNELS.find((one) => one === value) ?? draft.channel })}
        />
        <TextInput
          type="date"
          label={t('form.received')}
          max={today}
          error={errorAt('received')}
          value={draft.received}
          onChange={({ currentTarget: { value } }) => setDraft({ ...draft, received: value })}
        />
      </div>
      <p className="dim small">{t('form.received_hint')}</p>
    </section>
  );
}
