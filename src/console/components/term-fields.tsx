// Lines of a form that say what recordings are found by: each a name and a text.
import './term-fields.css';
import { Select, TextInput } from '@mantine/core';
import { Plus, Trash2 } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useMe } from '../api/current-user.ts';
import { fieldOf, fieldTerm, lengthOf, type Term, type TermName } from './search-terms.ts';

const LABELS = {
  number: 'number',
  number_end: 'last_four',
  agent: 'agent',
  queue: 'queue',
  ticket: 'ticket',
  call_id: 'call_id',
  interaction: 'interaction',
} as const satisfies Record<TermName, string>;

type Props = {
  readonly legend: string;
  readonly hint: string;
  /** The names that can be chosen, besides the tenant's fields. */
  readonly names: readonly TermName[];
  readonly terms: readonly Term[];
  readonly change: (terms: readonly Term[]) => void;
  readonly add: string;
};

export function TermFields({ legend, hint, names, terms, change, add }: Props) {
  const { searchable } = useMe().tenant;
  const all = [...names, ...searchable.map(fieldTerm)];
  const free = all.filter((name) => terms.every((term) => term.name !== name));
  const [next] = free;
  return (
    <fieldset className="stack g3 terms">
      <legend>{legend}</legend>
      <p className="dim small">{hint}</p>
      {terms.map((term) => (
        <TermLine
          key={term.key}
          term={term}
          choices={[term.name, ...free]}
          change={(wanted) =>
            change(terms.flatMap((one) => (one.key !== term.key ? [one] : wanted === null ? [] : [wanted])))
          }
        />
      ))}
      {next === undefined ? null : (
        <div>
          <button
            type="button"
            className="btn s"
            onClick={() =>
              change([...terms, { key: Math.max(0, ...terms.map(({ key }) => key)) + 1, name: next, text: '' }])
            }
          >
            <Plus className="i s" />
            {add}
          </button>
        </div>
      )}
    </fieldset>
  );
}

type LineProps = {
  readonly term: Term;
  readonly choices: readonly Term['name'][];
  readonly change: (term: Term | null) => void;
};

function TermLine({ term, choices, change }: LineProps) {
  const { t } = useTranslation('recordings');
  const nameOf = (name: Term['name']): string => fieldOf(name) ?? t(`filter.${LABELS[name as TermName]}`);
  const label = nameOf(term.name);
  return (
    <div className="term-line">
      <Select
        aria-label={t('terms.by')}
        data={choices.map((name) => ({ value: name, label: nameOf(name) }))}
        value={term.name}
        allowDeselect={false}
        onChange={(name) => change({ ...term, name: (name ?? term.name) as Term['name'] })}
      />
      <TextInput
        aria-label={label}
        autoComplete="off"
        inputMode={term.name === 'number_end' ? 'numeric' : undefined}
        maxLength={lengthOf(term.name)}
        value={term.text}
        onChange={({ currentTarget: { value } }) => change({ ...term, text: value })}
      />
      <button
        type="button"
        className="btn sq q"
        aria-label={t('terms.remove', { name: label })}
        onClick={() => change(null)}
      >
        <Trash2 className="i" />
      </button>
    </div>
  );
}
