// Filter bar of the list. Filters that may identify a person are kept out of the address.
import './filters.css';
import { NumberInput } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { ArrowLeftRight, Clock, type LucideIcon, Mic, Search, Shield, Users } from 'lucide-react';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { PickFilter } from '../../components/pick-filter.tsx';
import { useWords } from '../../i18n/use-words.ts';
import { FormFilter } from './form-filter.tsx';
import { MoreFilter } from './more-filter.tsx';
import { DIRECTIONS, type RecordingsSearch, STATES } from './search-params.ts';
import { SpanFilter } from './span-filter.tsx';
import { TermForm, usePersonalTerm } from './term-form.tsx';

export function Filters() {
  const { t } = useTranslation('recordings');
  const words = useWords();
  return (
    <search className="row filters" aria-label={t('title')}>
      <SpanFilter />
      <TermFilter name="queue" icon={Users} />
      <TermFilter name="agent" icon={Mic} />
      <AddressFilter name="direction" icon={ArrowLeftRight} choices={DIRECTIONS} word={words.direction} />
      <LengthFilter />
      <LastFour />
      <AddressFilter name="state" icon={Shield} choices={STATES} word={words.state} />
      <MoreFilter />
    </search>
  );
}

function TermFilter({ name, icon }: { readonly name: 'queue' | 'agent'; readonly icon: LucideIcon }) {
  const { t } = useTranslation('recordings');
  const [value, setTerm] = usePersonalTerm(name);
  const label = t(`filter.${name}`);
  const form = (close: () => void): ReactNode => (
    <TermForm
      field={name}
      label={label}
      before={value ?? ''}
      onApply={(text) => {
        setTerm(text);
        close();
      }}
    />
  );
  return <FormFilter icon={icon} label={label} isOn={value !== undefined} width={280} form={form} />;
}

type PickProps<Name extends 'direction' | 'state'> = {
  readonly name: Name;
  readonly icon: LucideIcon;
  readonly choices: readonly NonNullable<RecordingsSearch[Name]>[];
  readonly word: (code: string) => string;
};

function AddressFilter<Name extends 'direction' | 'state'>({ name, icon, choices, word }: PickProps<Name>) {
  const { t } = useTranslation('recordings');
  const navigate = useNavigate();
  const chosen = useSearch({ from: '/shell/recordings' })[name];
  const choose = (choice: NonNullable<RecordingsSearch[Name]> | undefined): void => {
    const next = ({ [name]: _, ...rest }: RecordingsSearch): RecordingsSearch =>
      choice === undefined ? rest : { ...rest, [name]: choice };
    void navigate({ to: '/recordings', search: next });
  };
  return (
    <PickFilter
      icon={icon}
      label={t(`filter.${name}`)}
      chosen={chosen}
      choices={choices}
      word={word}
      any={t('filter.any')}
      choose={choose}
    />
  );
}

function LengthFilter() {
  const { t } = useTranslation('recordings');
  const { min, max } = useSearch({ from: '/shell/recordings' });
  const isOn = min !== undefined || max !== undefined;
  const form = (close: () => void): ReactNode => <LengthForm min={min} max={max} onApplied={close} />;
  return <FormFilter icon={Clock} label={t('filter.length')} isOn={isOn} width={240} form={form} />;
}

type LengthFormProps = {
  readonly min: number | undefined;
  readonly max: number | undefined;
  readonly onApplied: () => void;
};

function LengthForm({ min, max, onApplied }: LengthFormProps) {
  const { t } = useTranslation('recordings');
  const navigate = useNavigate();
  const [from, setFrom] = useState<number | string>(min ?? '');
  const [to, setTo] = useState<number | string>(max ?? '');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const next = ({ min: _min, max: _max, ...rest }: RecordingsSearch): RecordingsSearch => ({
      ...rest,
      ...(Number(from) > 0 ? { min: Number(from) } : {}),
      ...(Number(to) > 0 ? { max: Number(to) } : {}),
    });
    void navigate({ to: '/recordings', search: next });
    onApplied();
  };
  return (
    <form className="stack g3" onSubmit={submit}>
      <NumberInput data-autofocus label={t('filter.min')} value={from} onChange={setFrom} min={1} max={9999} />
      <NumberInput label={t('filter.max')} value={to} onChange={setTo} min={1} max={9999} />
      <button type="submit" className="btn p">
        {t('filter.apply')}
      </button>
    </form>
  );
}

function LastFour() {
  const { t } = useTranslation('recordings');
  const [whole, setTerm] = usePersonalTerm('number_end');
  /** Incomplete input: fewer than four digits are not searched. */
  const [draft, setDraft] = useState('');
  const change = (typed: string): void => {
    const digits = typed.replace(/\D/g, '').slice(0, 4);
    const isWhole = digits.length === 4;
    setDraft(isWhole ? '' : digits);
    setTerm(isWhole ? digits : '');
  };
  return (
    <label className="ctl last-four">
      <Search className="i s" />
      <input
        inputMode="numeric"
        autoComplete="off"
        placeholder={t('filter.last_four')}
        aria-label={t('filter.last_four')}
        value={whole ?? draft}
        onChange={({ currentTarget }) => change(currentTarget.value)}
      />
    </label>
  );
}
