// Filter bar of people: name, role, state and training.
import { TextInput } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { GraduationCap, type LucideIcon, Search, Shield, Users, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { PickFilter } from '../../components/pick-filter.tsx';
import { useWords } from '../../i18n/use-words.ts';
import { PERSON_ROLES } from './roles-fault.ts';
import { EXPIRING_DAYS, PEOPLE_STATES, type PeopleSearch, TRAINING_FILTERS } from './search-params.ts';

type Props = {
  readonly text: string;
  readonly setText: (text: string) => void;
  /** Removes all filters; null where none is on. */
  readonly clear: (() => void) | null;
  /** How many people and services match, and of how many. */
  readonly shown: number;
  readonly all: number;
};

export function PeopleFilters({ text, setText, clear, shown, all }: Props) {
  const { t } = useTranslation('people');
  const words = useWords();
  const training = (choice: (typeof TRAINING_FILTERS)[number]): string =>
    t(`filter.${choice}`, { count: EXPIRING_DAYS });
  return (
    <search className="row wrap ppl-filters" aria-label={t('section')}>
      <TextInput
        className="ppl-find"
        aria-label={t('find')}
        placeholder={t('find')}
        leftSection={<Search className="i s" />}
        value={text}
        maxLength={100}
        onChange={({ currentTarget: { value } }) => setText(value)}
      />
      <AddressFilter name="role" icon={Users} choices={PERSON_ROLES} word={words.role} />
      <AddressFilter name="training" icon={GraduationCap} choices={TRAINING_FILTERS} word={training} />
      <AddressFilter name="account" icon={Shield} choices={PEOPLE_STATES} word={(choice) => t(`states.${choice}`)} />
      <span className="grow" />
      <span className="dim" role="status">
        {clear === null ? null : t('filter.shown', { count: shown, all })}
      </span>
      {clear === null ? null : (
        <button type="button" className="btn" onClick={clear}>
          {t('filter.clear')}
          <X className="i s" />
        </button>
      )}
    </search>
  );
}

type FilterProps<Name extends keyof PeopleSearch> = {
  readonly name: Name;
  readonly icon: LucideIcon;
  readonly choices: readonly NonNullable<PeopleSearch[Name]>[];
  readonly word: (choice: NonNullable<PeopleSearch[Name]>) => string;
};

function AddressFilter<Name extends keyof PeopleSearch>({ name, icon, choices, word }: FilterProps<Name>) {
  const { t } = useTranslation('people');
  const navigate = useNavigate();
  const search = useSearch({ from: '/shell/people' });
  const chosen = choices.find((one) => one === search[name]);
  const label = t(`filter.${name}`);
  const choose = (choice: NonNullable<PeopleSearch[Name]> | undefined): void => {
    const next = ({ [name]: _, ...rest }: PeopleSearch): PeopleSearch =>
      choice === undefined ? rest : { ...rest, [name]: choice };
    void navigate({ to: '/people', search: next });
  };
  return (
    <PickFilter
      icon={icon}
      label={chosen === undefined ? label : t('filter.chosen', { filter: label, value: word(chosen) })}
      chosen={chosen}
      choices={choices}
      word={word}
      any={t('filter.any')}
      choose={choose}
    />
  );
}
