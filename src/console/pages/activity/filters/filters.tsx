// Filter bar of the activity page: groups, period, person, recording.
import './filters.css';
import './group-chips.css';
import { Select, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { Check, SlidersHorizontal } from 'lucide-react';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMe } from '../../../api/current-user.ts';
import { peopleQuery } from '../log/queries.ts';
import {
  type ActivitySearch,
  GROUP_NAMES,
  groupsOf,
  readActivitySearch,
  SPANS,
  type SubjectFilter,
  withAll,
  withToggled,
} from './filter.ts';

type GroupChipsProps = { readonly search: ActivitySearch; readonly onSearch: (search: ActivitySearch) => void };

export function GroupChips({ search, onSearch }: GroupChipsProps) {
  const { t } = useTranslation('activity');
  const groups = groupsOf(search);
  return (
    <fieldset className="row wrap act-groups">
      <legend className="sr">{t('filter.shown')}</legend>
      {GROUP_NAMES.map((group) => (
        <Chip
          key={group}
          name={t(`filter.groups.${group}`)}
          on={groups?.includes(group) ?? false}
          press={() => onSearch(withToggled(search, group))}
        />
      ))}
      <Chip name={t('filter.everything')} on={groups === null} press={() => onSearch(withAll(search))} />
    </fieldset>
  );
}

function Chip({ name, on, press }: { readonly name: string; readonly on: boolean; readonly press: () => void }) {
  return (
    <button type="button" className="tog" aria-pressed={on} onClick={press}>
      {on ? <Check className="i s" /> : null}
      {name}
    </button>
  );
}

type Props = {
  readonly search: ActivitySearch;
  readonly named: SubjectFilter;
  readonly onSearch: (search: ActivitySearch) => void;
  readonly onNamed: (named: SubjectFilter) => void;
};

const RECORDING = /^rec_[0-9a-hjkmnp-tv-z]{26}$/;

export function Filters({ search, named, onSearch, onNamed }: Props) {
  const { t } = useTranslation('activity');
  // A log that is held takes no event of its readers.
  const held = useMe().tenant.held !== null;
  const people = useQuery(peopleQuery);
  const [opened, { toggle }] = useDisclosure(false);
  const more = useId();
  const { span = 'all' } = search;
  const choices = (people.data?.data ?? []).map(({ id, name }) => ({ value: id, label: name ?? id }));
  // A person who appears only in an event can be selected too.
  const known = named.person === null || choices.some(({ value }) => value === named.person);
  const on = [search.span, named.person ?? undefined, named.recording ?? undefined].filter((one) => one !== undefined);
  const narrowed = on.length > 0 || search.group !== undefined;
  return (
    <search className="act-filters">
      <GroupChips search={search} onSearch={onSearch} />
      <button
        type="button"
        className="btn s narrow-only act-more"
        aria-expanded={opened}
        aria-controls={more}
        onClick={toggle}
      >
        <SlidersHorizontal className="i s" />
        {on.length === 0 ? t('filter.more') : t('filter.more_on', { count: on.length })}
      </button>
      <div id={more} className={`row wrap act-fields ${opened ? '' : 'closed'}`}>
        <fieldset className="seg">
          <legend className="sr">{t('filter.span')}</legend>
          {SPANS.map((one) => (
            <button
              key={one}
              type="button"
              aria-pressed={one === span}
              onClick={() => onSearch(readActivitySearch({ ...search, span: one }))}
            >
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
        <RecordingFilter key={named.recording ?? ''} named={named} onNamed={onNamed} />
        {narrowed ? (
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
        {held ? null : <span className="mute small">{t('counted')}</span>}
      </div>
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
