// The conditions of a rule: each an attribute, and the texts of which a recording must have one.
import { MultiSelect, Select, TagsInput, TextInput } from '@mantine/core';
import { Trash2 } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { ATTRIBUTES, useRuleWords } from '../../../retention/use-rule-words.ts';
import { type DraftCondition, nextKey } from './draft.ts';

/** The texts of attributes that have no others. */
const VALUES: { readonly [attribute: string]: readonly string[] } = {
  direction: ['inbound', 'outbound', 'internal'],
  sensitivity: ['normal', 'sensitive'],
  basis: ['consent', 'contract', 'legal-obligation', 'legitimate-interest', 'none'],
};
const FIELD = 'field:';

type Props = { readonly when: readonly DraftCondition[]; readonly onChange: (when: readonly DraftCondition[]) => void };

export function ConditionFields({ when, onChange }: Props) {
  const { t } = useTranslation('retentionPage');
  const put = (key: number, one: DraftCondition | null): void =>
    onChange(when.flatMap((other) => (other.key !== key ? [other] : one === null ? [] : [one])));
  return (
    <fieldset className="stack g3 conditions">
      <legend>{t('edit.when')}</legend>
      {when.length === 0 ? <p className="dim small">{t('edit.when_none')}</p> : null}
      {when.map((one) => (
        <ConditionLine key={one.key} condition={one} onChange={(next) => put(one.key, next)} />
      ))}
      <div>
        <button
          type="button"
          className="btn s"
          onClick={() => onChange([...when, { key: nextKey(), attribute: 'queue', texts: [] }])}
        >
          {t('edit.add_condition')}
        </button>
      </div>
    </fieldset>
  );
}

type LineProps = {
  readonly condition: DraftCondition;
  readonly onChange: (condition: DraftCondition | null) => void;
};

function ConditionLine({ condition, onChange }: LineProps) {
  const { t } = useTranslation('retentionPage');
  const { attributeOf, textOf } = useRuleWords();
  const { attribute, texts } = condition;
  const isField = attribute.startsWith(FIELD);
  const data = [
    ...ATTRIBUTES.map((value) => ({ value: value as string, label: attributeOf(value) })),
    { value: FIELD, label: t('edit.own_field') },
  ];
  const values = VALUES[attribute];
  return (
    <div className="condition">
      <Select
        label={t('edit.attribute')}
        data={data}
        value={isField ? FIELD : attribute}
        allowDeselect={false}
        onChange={(value) => onChange({ ...condition, attribute: value ?? attribute, texts: [] })}
      />
      {isField ? (
        <TextInput
          label={t('edit.field_name')}
          maxLength={32}
          value={attribute.slice(FIELD.length)}
          onChange={({ currentTarget: { value } }) => onChange({ ...condition, attribute: `${FIELD}${value}` })}
        />
      ) : null}
      {values === undefined ? (
        <TagsInput
          label={t('edit.texts')}
          placeholder={t('edit.texts_hint')}
          acceptValueOnBlur
          maxTags={100}
          value={[...texts]}
          onChange={(next) => onChange({ ...condition, texts: next })}
        />
      ) : (
        <MultiSelect
          label={t('edit.texts')}
          data={values.map((value) => ({ value, label: textOf(attribute, value) }))}
          value={[...texts]}
          onChange={(next) => onChange({ ...condition, texts: next })}
        />
      )}
      <button type="button" className="btn sq q" aria-label={t('edit.remove_condition')} onClick={() => onChange(null)}>
        <Trash2 className="i" />
      </button>
    </div>
  );
}
