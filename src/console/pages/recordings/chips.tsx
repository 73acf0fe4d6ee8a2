// Active filters, each with a button that removes it.
import { useNavigate, useSearch } from '@tanstack/react-router';
import { X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useWords } from '../../i18n/use-words.ts';
import { mergeTerms, type PersonalTerms, personalTerms, type TextTerm } from '../../shell/personal-search.ts';
import { useStore } from '../../state/store.ts';
import type { RecordingsSearch } from './search-params.ts';

type ActiveFilter = { readonly name: string; readonly value: string; readonly remove: () => void };

/** Active filters, except the period and the access. */
export function useActiveFilters(): { chips: readonly ActiveFilter[]; clear: () => void } {
  const { t } = useTranslation('recordings');
  const words = useWords();
  const navigate = useNavigate();
  const search = useSearch({ from: '/shell/recordings' });
  const terms = useStore(personalTerms);
  const without = (...names: (keyof RecordingsSearch)[]): void => {
    const next = (all: RecordingsSearch) =>
      Object.fromEntries(Object.entries(all).filter(([name]) => !(names as string[]).includes(name)));
    void navigate({ to: '/recordings', search: next });
  };
  const chips: ActiveFilter[] = [];
  const removed = (term: PersonalTerms) => (): void => personalTerms.set(mergeTerms(personalTerms.get(), term));
  const term = (key: TextTerm, name: string, value: string | undefined): void => {
    if (value !== undefined) chips.push({ name, value, remove: removed({ [key]: '' }) });
  };
  const { number_end: end, direction, state, min, max, language } = { ...terms, ...search };
  term('queue', t('filter.queue'), terms.queue);
  term('agent', t('filter.agent'), terms.agent);
  term('ticket', t('filter.ticket'), terms.ticket);
  term('call_id', t('filter.call_id'), terms.call_id);
  term('interaction', t('filter.interaction'), terms.interaction);
  term('number', t('filter.number'), terms.number);
  term('number_end', t('filter.number'), end === undefined ? undefined : t('filter.ends_with', { digits: end }));
  for (const [name, value] of Object.entries(terms.fields ?? {}))
    chips.push({ name, value, remove: removed({ fields: { [name]: '' } }) });
  if (direction !== undefined)
    chips.push({ name: t('filter.direction'), value: words.direction(direction), remove: () => without('direction') });
  if (state !== undefined)
    chips.push({ name: t('filter.state'), value: words.state(state), remove: () => without('state') });
  if (language !== undefined)
    chips.push({ name: t('column.objects'), value: words.speech(language), remove: () => without('language') });
  const length = lengthIn(t, min, max);
  if (length !== null) chips.push({ name: t('filter.length'), value: length, remove: () => without('min', 'max') });
  const clear = (): void => {
    personalTerms.set({});
    without('direction', 'state', 'language', 'min', 'max');
  };
  return { chips, clear };
}

type T = ReturnType<typeof useTranslation<'recordings'>>['t'];

function lengthIn(t: T, min: number | undefined, max: number | undefined): string | null {
  if (min !== undefined && max !== undefined) return t('filter.between', { min, max });
  if (min !== undefined) return t('filter.over', { minutes: min });
  return max === undefined ? null : t('filter.under', { minutes: max });
}

export function ActiveFilters() {
  const { t } = useTranslation('recordings');
  const { chips, clear } = useActiveFilters();
  if (chips.length === 0) return null;
  return (
    <div className="row chips">
      {chips.map(({ name, value, remove }) => (
        <span className="chip" key={`${name} ${value}`}>
          <span className="k">{name}</span>
          <span className="cut" title={value}>
            {value}
          </span>
          <button type="button" aria-label={t('filter.remove', { name })} onClick={remove}>
            <X className="i" />
          </button>
        </span>
      ))}
      <button type="button" className="btn q s" onClick={clear}>
        {t('filter.clear')}
      </button>
    </div>
  );
}
