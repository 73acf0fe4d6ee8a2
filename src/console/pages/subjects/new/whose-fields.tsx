// Whose calls: the numbers and fields that recordings are found by, the name, and who asks.
import { TagsInput, Textarea, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useMe } from '../../../api/current-user.ts';
import { MAX_TEXT, RELATIONS } from './draft.ts';
import type { FieldProps } from './field-props.ts';

const MAX_NAME = 200;
const MAX_VALUE = 256;

export function WhoseFields({ draft, setDraft, errorAt }: FieldProps) {
  const { t } = useTranslation('subjects');
  const { searchable } = useMe().tenant;
  return (
    <section className="card pad stack g3" aria-labelledby="new-whose">
      <h2 id="new-whose">{t('form.whose')}</h2>
      <TagsInput
        label={t('form.numbers')}
        description={t('form.numbers_hint')}
        placeholder={t('form.number_add')}
        splitChars={[',', ';', '，', '；', '\n']}
        acceptValueOnBlur
        error={errorAt('numbers')}
        value={[...draft.numbers]}
        onChange={(numbers) => setDraft({ ...draft, numbers })}
      />
      {searchable.map((name) => (
        <TextInput
          key={name}
          label={name}
          description={t('form.field_hint')}
          maxLength={MAX_VALUE}
          error={errorAt('fields')}
          value={draft.fields[name] ?? ''}
          onChange={({ currentTarget: { value } }) =>
            setDraft({ ...draft, fields: { ...draft.fields, [name]: value } })
          }
        />
      ))}
      <TextInput
        label={t('form.name')}
        description={t('form.name_hint')}
        maxLength={MAX_NAME}
        error={errorAt('name')}
        value={draft.name}
        onChange={({ currentTarget: { value } }) => setDraft({ ...draft, name: value })}
      />
      <fieldset className="field">
        <legend className="m">{t('form.relation')}</legend>
        <div className="seg">
          {RELATIONS.map((relation) => (
            <button
              key={relation}
              type="button"
              aria-pressed={draft.relation === relation}
              onClick={() => setDraft({ ...draft, relation })}
            >
              {t(`relation.${relation}`)}
            </button>
          ))}
        </div>
      </fieldset>
      <Textarea
        label={t('form.says')}
        description={t('form.says_hint')}
        autosize
        minRows={2}
        maxLength={MAX_TEXT}
        error={errorAt('asks')}
        value={draft.asks}
        onChange={({ currentTarget: { value } }) => setDraft({ ...draft, asks: value })}
      />
    </section>
  );
}
