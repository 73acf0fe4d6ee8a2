// Form of a filter by name: a text field with suggestions from the tenant's names.
import { Autocomplete } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { NamesBody } from '../../../http/reply-types.ts';
import { fetchJson } from '../../api/client.ts';
import { CONTENT_OPTIONS } from '../../api/queries.ts';
import { mergeTerms, personalTerms, type TextTerm } from '../../shell/personal-search.ts';
import { useStore } from '../../state/store.ts';

type Props = {
  readonly field: 'agent' | 'queue';
  readonly label: string;
  readonly before: string;
  readonly onApply: (text: string) => void;
};

/** Delay before suggestions are loaded while typing. */
const TYPING_MS = 200;

export function TermForm({ field, label, before, onApply }: Props) {
  const { t } = useTranslation('recordings');
  const [text, setText] = useState(before);
  const names = useNameSuggestions(field, text.trim());
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onApply(text.trim());
  };
  return (
    <form className="stack g3" onSubmit={submit}>
      <Autocomplete
        data-autofocus
        label={label}
        description={t(names.complete ? 'filter.suggested' : 'filter.exactly')}
        value={text}
        maxLength={128}
        data={names.data}
        // The service has already matched the prefix; filtering again would drop names in another spelling.
        filter={({ options }) => options}
        onChange={setText}
        onOptionSubmit={onApply}
        // Rendered inside the form: a click on a name in a portal would count as a click outside and close the form.
        comboboxProps={{ withinPortal: false, floatingStrategy: 'fixed' }}
      />
      <button type="submit" className="btn p">
        {t('filter.apply')}
      </button>
    </form>
  );
}

const NONE: NamesBody = { data: [], complete: true };

/** Names with this prefix; the whole name can be typed when none are available. */
function useNameSuggestions(field: Props['field'], typed: string): NamesBody {
  const [prefix] = useDebouncedValue(typed, TYPING_MS);
  const { data } = useQuery({
    queryKey: ['names', field, prefix],
    queryFn: ({ signal }) => fetchJson<NamesBody>('POST', '/v1/recordings/names', { body: { field, prefix }, signal }),
    enabled: prefix !== '',
    ...CONTENT_OPTIONS,
    placeholderData: (last) => last,
  });
  return typed === '' || data === undefined ? NONE : data;
}

/** The term and its setter; an empty text removes the term. */
export function usePersonalTerm(name: TextTerm): readonly [string | undefined, (value: string) => void] {
  const { [name]: value } = useStore(personalTerms);
  return [value, (text) => personalTerms.set(mergeTerms(personalTerms.get(), { [name]: text }))];
}
