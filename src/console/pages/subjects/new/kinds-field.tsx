// What a person asks for: each kind with what it leads to.
import { Checkbox } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { KINDS } from './draft.ts';
import type { FieldProps } from './field-props.ts';

export function KindsField({ draft, setDraft, errorAt }: FieldProps) {
  const { t } = useTranslation('subjects');
  const error = errorAt('kinds');
  return (
    <section className="card pad stack g3" aria-labelledby="new-asks" data-faulty={error === null ? undefined : true}>
      <h2 id="new-asks">{t('form.asks')}</h2>
      <Checkbox.Group
        label={t('form.kinds')}
        error={error}
        value={[...draft.kinds]}
        onChange={(values) => setDraft({ ...draft, kinds: KINDS.filter((kind) => values.includes(kind)) })}
      >
        <div className="stack g3 kind-list">
          {KINDS.map((kind) => (
            <Checkbox
              key={kind}
              value={kind}
              label={t(`form.kind.${kind}`)}
              description={t(`form.kind_hint.${kind}`)}
            />
          ))}
        </div>
      </Checkbox.Group>
    </section>
  );
}
