// A period: a number and its unit.
import { NumberInput, Select } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { DraftPeriod, Unit } from './draft.ts';

const UNITS: readonly Unit[] = ['D', 'M', 'Y'];

type Props = {
  readonly label: string;
  readonly value: DraftPeriod;
  readonly onChange: (value: DraftPeriod) => void;
};

export function PeriodField({ label, value, onChange }: Props) {
  const { t } = useTranslation('retentionPage');
  return (
    <fieldset className="stack g1">
      <legend className="field-label">{label}</legend>
      <div className="period">
        <NumberInput
          aria-label={label}
          min={1}
          max={36_600}
          allowDecimal={false}
          value={value.count}
          onChange={(count) => onChange({ ...value, count: count === '' ? '' : Number(count) })}
        />
        <Select
          aria-label={`${label}: ${t('edit.unit')}`}
          data={UNITS.map((unit) => ({ value: unit, label: t(`edit.${unit}`) }))}
          value={value.unit}
          allowDeselect={false}
          onChange={(unit) => onChange({ ...value, unit: UNITS.find((one) => one === unit) ?? value.unit })}
        />
      </div>
    </fieldset>
  );
}
