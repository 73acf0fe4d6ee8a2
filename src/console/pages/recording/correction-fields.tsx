// Fields of a correction: one for each fact that the person may correct, and one for each of the tenant's fields.
import { Select, TextInput } from '@mantine/core';
import { ChevronDown, Plus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { OneRecording } from '../../api/types.ts';
import { FORM_FACTS, type FormFact, isFieldName, memberOf, type Texts } from './correction-draft.ts';
import { useFacts } from './use-facts.ts';

type Props = {
  readonly recording: OneRecording;
  readonly texts: Texts;
  readonly change: (texts: Texts) => void;
};

/** Values of facts that are codes. */
const CHOICES: Partial<Record<FormFact, readonly string[]>> = {
  direction: ['inbound', 'outbound', 'internal'],
  sensitivity: ['normal', 'sensitive'],
  basis: ['consent', 'contract', 'legal-obligation', 'legitimate-interest', 'none'],
};
const MOST_TEXT = 128;
const MOST_FIELD = 256;
const MOST_FIELDS = 32;

export function CorrectionFields({ recording, texts, change }: Props) {
  const { t } = useTranslation('recording');
  const { correctable } = recording;
  const shown = FORM_FACTS.filter((key) => correctable.includes(memberOf(key)));
  const set = (key: string) => (text: string) => change({ ...texts, [key]: text });
  return (
    <>
      <div className="correct-grid">
        {shown.map((key) => (
          <FactField key={key} fact={key} recording={recording} value={texts[key] ?? ''} onChange={set(key)} />
        ))}
      </div>
      {correctable.includes('queue') ? null : <p className="mute small">{t('correct.queue_hint')}</p>}
      {correctable.includes('fields') ? <TenantFields texts={texts} change={change} /> : null}
    </>
  );
}

type FactFieldProps = {
  readonly fact: FormFact;
  readonly recording: OneRecording;
  readonly value: string;
  readonly onChange: (text: string) => void;
};

function FactField({ fact, recording, value, onChange }: FactFieldProps) {
  const { t } = useTranslation('recording');
  const facts = useFacts();
  const label = facts.name(fact);
  const choices = CHOICES[fact];
  if (choices !== undefined) {
    return (
      <Select
        label={label}
        data={choices.map((choice) => ({ value: choice, label: facts.value(fact, choice) ?? choice }))}
        value={value === '' ? null : value}
        allowDeselect={fact === 'direction'}
        rightSection={<ChevronDown className="i s mute" />}
        rightSectionPointerEvents="none"
        onChange={(choice) => onChange(choice ?? '')}
      />
    );
  }
  const masked = fact === 'numbers/from' ? recording.from_masked : recording.to_masked;
  const isNumber = memberOf(fact) === 'numbers';
  return (
    <TextInput
      label={label}
      type={fact === 'retain_until' ? 'date' : 'text'}
      {...(fact === 'retain_until' && recording.retain_until !== null
        ? { min: recording.retain_until.slice(0, 10) }
        : {})}
      description={isNumber ? t('correct.number_hint', { number: masked ?? t('unknown') }) : undefined}
      value={value}
      maxLength={MOST_TEXT}
      autoComplete="off"
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
    />
  );
}

/** The tenant's own fields by name, and one more. */
function TenantFields({ texts, change }: Omit<Props, 'recording'>) {
  const { t } = useTranslation('recording');
  const [name, setName] = useState('');
  const names = Object.keys(texts).flatMap((key) => (memberOf(key) === 'fields' ? [key.slice('fields/'.length)] : []));
  const isKnown = names.includes(name);
  const isNew = isFieldName(name) && !isKnown && names.length < MOST_FIELDS;
  const add = (): void => {
    change({ ...texts, [`fields/${name}`]: '' });
    setName('');
  };
  return (
    <fieldset className="stack g3 correct-own">
      <legend className="lb">{t('correct.fields')}</legend>
      <div className="correct-grid">
        {names.map((one) => (
          <TextInput
            key={one}
            label={one}
            value={texts[`fields/${one}`] ?? ''}
            maxLength={MOST_FIELD}
            autoComplete="off"
            onChange={({ currentTarget }) => change({ ...texts, [`fields/${one}`]: currentTarget.value })}
          />
        ))}
      </div>
      <div className="row correct-new">
        <TextInput
          label={t('correct.new_field')}
          description={t('correct.new_field_hint')}
          value={name}
          maxLength={32}
          autoComplete="off"
          onChange={({ currentTarget }) => setName(currentTarget.value)}
        />
        <button type="button" className="btn s" disabled={!isNew} onClick={add}>
          <Plus className="i s" />
          {t('correct.add')}
        </button>
      </div>
    </fieldset>
  );
}
