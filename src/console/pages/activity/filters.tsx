// The filters of the activity page: when, who, what, which recording.
import './filters.css';
import { Select, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  type ActivitySearch,
  GROUPS,
  type Group,
  isNarrowed,
  type Named,
  readActivitySearch,
  SPANS,
  type Span,
} from './filter.ts';
import { peopleQuery } from './queries.ts';

type Props = {
  readonly search: ActivitySearch;
  readonly named: Named;
  readonly onSearch: (search: ActivitySearch) => void;
  readonly onNamed: (named: Named) => void;
};

const RECORDING = /^rec_[0-9a-hjkmnp-tv-z]{26}$/;

export function Filters({ search, named, onSearch, onNamed }: Props) {
  const { t } = useTranslation('activity');
  const people = useQuery(peopleQuery);
  const { span = 'all', group } = search;
  const choices = (people.data?.data ?? []).map(({ id, name }) => ({ value: id, label: name ?? id }));
  // Somebody who is known from an event alone can be looked for too.
  const known = named.person === null || choices.some(({ value }) => value === named.person);
  const set = (change: { readonly span?: Span; readonly group?: Group | undefined }): void => {
    const next = { span, group, ...change };
    onSearch(readActivitySearch(next));
  };
  return (
    <search className="row act-filters">
      <fieldset className="seg">
        <legend className="sr">{t('filter.span')}</legend>
        {SPANS.map((one) => (
          <button key={one} type="button" aria-pressed={one === span} onClick={() => set({ span: one })}>
            {t(`filter.spans.${one}`)}
          </button>
        ))}
      </fieldset>
      <Select
        aria-label={t('filter.person')}
        placeholder={t('filter.anybody')}
        data={known ? choices : [...choices, { value: named.person ?? '', label: named.person ?? '' }]}
        value={named.person}
        searchable
        clearable
        onChange={(person) => onNamed({ ...named, person })}
      />
      <Select
        aria-label={t('filter.action')}
        placeholder={t('filter.any_action')}
        data={(Object.keys(GROUPS) as Group[]).map((one) => ({ value: one, label: t(`filter.groups.${one}`) }))}
        value={group ?? null}
        clearable
        onChange={(value) => set({ group: (value ?? undefined) as Group | undefined })}
      />
      <RecordingFilter key={named.recording ?? ''} named={named} onNamed={onNamed} />
      {isNarrowed(search, named) || span !== 'all' ? (
        <button
          type="button"
          className="btn q s"
          onClick={() => {
            onNamed({ person: null, recording: null });
            onSearch({});
          }}
        >
          {t('filter.clear')}
        </button>
      ) : null}
      <span className="grow" />
      <span className="mute small">{t('counted')}</span>
    </search>
  );
}

function RecordingFilter({ named, onNamed }: Pick<Props, 'named' | 'onNamed'>) {
  const { t } = useTranslation('activity');
  const [text, setText] = useState(named.recording ?? '');
  const wrong = text !== '' && !RECORDING.test(text);
  return (
    <TextInput
      className="act-rec"
      aria-label={t('filter.recording')}
      placeholder={t('filter.recording')}
      value={text}
      error={wrong && text.length >= 4 ? t('filter.recording_wrong') : undefined}
      spellCheck={false}
      maxLength={30}
      onChange={({ currentTarget }) => {
        const value = currentTarget.value.trim();
        setText(value);
        if (value === '' && named.recording !== null) onNamed({ ...named, recording: null });
        if (RECORDING.test(value)) onNamed({ ...named, recording: value });
      }}
    />
  );
}
