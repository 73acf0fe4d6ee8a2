// Filter by what identifies a call elsewhere: ticket, call id, interaction, and the fields that the tenant searches by.
import { TextInput } from '@mantine/core';
import { SlidersHorizontal } from 'lucide-react';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMe } from '../../api/current-user.ts';
import { mergeTerms, type PersonalTerms, personalTerms } from '../../shell/personal-search.ts';
import { useStore } from '../../state/store.ts';
import { FormFilter } from './form-filter.tsx';

/** Terms of the form, with the maximum length that the service accepts. */
const TEXTS = [
  ['ticket', 128],
  ['call_id', 255],
  ['interaction', 255],
] as const;
const FIELD_LENGTH = 256;

export function MoreFilter() {
  const { t } = useTranslation('recordings');
  const terms = useStore(personalTerms);
  const isOn = terms.fields !== undefined || TEXTS.some(([name]) => terms[name] !== undefined);
  const form = (close: () => void): ReactNode => <MoreForm before={terms} onApplied={close} />;
  return <FormFilter icon={SlidersHorizontal} label={t('filter.more')} isOn={isOn} width={280} form={form} />;
}

type FormProps = { readonly before: PersonalTerms; readonly onApplied: () => void };

function MoreForm({ before, onApplied }: FormProps) {
  const { t } = useTranslation('recordings');
  const { searchable } = useMe().tenant;
  const [texts, setTexts] = useState({
    ticket: before.ticket ?? '',
    call_id: before.call_id ?? '',
    interaction: before.interaction ?? '',
  });
  // A field that is no longer searchable stays until its term is removed.
  const [fields, setFields] = useState(() => {
    const given = new Map(Object.entries(before.fields ?? {}));
    return new Map([...new Set([...searchable, ...given.keys()])].map((name) => [name, given.get(name) ?? '']));
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const trimmed = (entries: Iterable<readonly [string, string]>): Record<string, string> =>
      Object.fromEntries([...entries].map(([name, text]) => [name, text.trim()]));
    const wanted = { ...trimmed(Object.entries(texts)), fields: trimmed(fields) };
    personalTerms.set(mergeTerms(personalTerms.get(), wanted));
    onApplied();
  };
  return (
    <form className="stack g3" onSubmit={submit}>
      <p className="dim small">{t('filter.more_hint')}</p>
      <div className="stack g3 more-terms">
        {TEXTS.map(([name, maxLength], n) => (
          <TextInput
            key={name}
            data-autofocus={n === 0 ? true : undefined}
            label={t(`filter.${name}`)}
            autoComplete="off"
            maxLength={maxLength}
            value={texts[name]}
            onChange={({ currentTarget }) => setTexts({ ...texts, [name]: currentTarget.value })}
          />
        ))}
        {[...fields].map(([name, value]) => (
          <TextInput
            key={name}
            label={name}
            autoComplete="off"
            maxLength={FIELD_LENGTH}
            value={value}
            onChange={({ currentTarget }) => setFields(new Map([...fields, [name, currentTarget.value]]))}
          />
        ))}
      </div>
      <button type="submit" className="btn p">
        {t('filter.apply')}
      </button>
    </form>
  );
}
