// The filters over the list. What may name a person is kept out of the address.
import './filters.css';
import { Menu, NumberInput, Popover, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { ArrowLeftRight, ChevronDown, Clock, type LucideIcon, Mic, Search, Shield, Users } from 'lucide-react';
import { type FormEvent, type ReactNode, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from '../../components/store.ts';
import { useWords } from '../../i18n/use-words.ts';
import { personalTerms } from '../../shell/personal-search.ts';
import { DIRECTIONS, type RecordingsSearch, STATES } from './search-params.ts';
import { SpanFilter } from './span-filter.tsx';
import { useTerm } from './use-term.ts';

export function Filters() {
  const { t } = useTranslation('recordings');
  const words = useWords();
  return (
    <search className="row filters" aria-label={t('title')}>
      <SpanFilter />
      <TermFilter name="queue" icon={Users} />
      <TermFilter name="agent" icon={Mic} />
      <PickFilter name="direction" icon={ArrowLeftRight} choices={DIRECTIONS} word={words.direction} />
      <LengthFilter />
      <LastFour />
      <PickFilter name="state" icon={Shield} choices={STATES} word={words.state} />
    </search>
  );
}

function Face({ icon: Icon, children }: { readonly icon: LucideIcon; readonly children: ReactNode }) {
  return (
    <>
      <Icon className="i s" />
      {children}
      <ChevronDown className="i s" />
    </>
  );
}

function TermFilter({ name, icon }: { readonly name: 'queue' | 'agent'; readonly icon: LucideIcon }) {
  const { t } = useTranslation('recordings');
  const [value, setTerm] = useTerm(name);
  const [text, setText] = useState(value ?? '');
  const [opened, { open, close }] = useDisclosure(false);
  useEffect(() => setText(value ?? ''), [value]);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setTerm(text.trim());
    close();
  };
  return (
    <Popover opened={opened} onChange={(to) => (to ? open() : close())} trapFocus width={280} position="bottom-start">
      <Popover.Target>
        <button
          type="button"
          className={value === undefined ? 'ctl' : 'ctl on'}
          aria-expanded={opened}
          onClick={opened ? close : open}
        >
          <Face icon={icon}>{t(`filter.${name}`)}</Face>
        </button>
      </Popover.Target>
      <Popover.Dropdown aria-label={t(`filter.${name}`)}>
        <form className="stack g3" onSubmit={submit}>
          <TextInput
            data-autofocus
            label={t(`filter.${name}`)}
            description={t('filter.exactly')}
            value={text}
            maxLength={128}
            onChange={({ currentTarget }) => setText(currentTarget.value)}
          />
          <button type="submit" className="btn p">
            {t('filter.apply')}
          </button>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}

type PickProps<Name extends 'direction' | 'state'> = {
  readonly name: Name;
  readonly icon: LucideIcon;
  readonly choices: readonly NonNullable<RecordingsSearch[Name]>[];
  readonly word: (code: string) => string;
};

function PickFilter<Name extends 'direction' | 'state'>({ name, icon, choices, word }: PickProps<Name>) {
  const { t } = useTranslation('recordings');
  const navigate = useNavigate();
  const chosen = useSearch({ from: '/shell/recordings' })[name];
  const choose = (choice: string | undefined): void => {
    const next = (search: RecordingsSearch): RecordingsSearch => {
      const { [name]: _, ...rest } = search;
      return choice === undefined ? rest : { ...rest, [name]: choice };
    };
    void navigate({ to: '/recordings', search: next });
  };
  return (
    <Menu position="bottom-start" width={180}>
      <Menu.Target>
        <button type="button" className={chosen === undefined ? 'ctl' : 'ctl on'}>
          <Face icon={icon}>{t(`filter.${name}`)}</Face>
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.RadioGroup value={chosen ?? ''} onChange={(choice) => choose(choice === '' ? undefined : choice)}>
          {['', ...choices].map((choice) => (
            <Menu.RadioItem key={choice} value={choice}>
              {choice === '' ? t('filter.any') : word(choice)}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
      </Menu.Dropdown>
    </Menu>
  );
}

function LengthFilter() {
  const { t } = useTranslation('recordings');
  const navigate = useNavigate();
  const { min, max } = useSearch({ from: '/shell/recordings' });
  const [opened, { open, close }] = useDisclosure(false);
  const [from, setFrom] = useState<number | string>(min ?? '');
  const [to, setTo] = useState<number | string>(max ?? '');
  useEffect(() => {
    setFrom(min ?? '');
    setTo(max ?? '');
  }, [min, max]);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const next = ({ min: _min, max: _max, ...rest }: RecordingsSearch): RecordingsSearch => ({
      ...rest,
      ...(Number(from) > 0 ? { min: Number(from) } : {}),
      ...(Number(to) > 0 ? { max: Number(to) } : {}),
    });
    void navigate({ to: '/recordings', search: next });
    close();
  };
  return (
    <Popover opened={opened} onChange={(up) => (up ? open() : close())} trapFocus width={240} position="bottom-start">
      <Popover.Target>
        <button
          type="button"
          className={min === undefined && max === undefined ? 'ctl' : 'ctl on'}
          aria-expanded={opened}
          onClick={opened ? close : open}
        >
          <Face icon={Clock}>{t('filter.length')}</Face>
        </button>
      </Popover.Target>
      <Popover.Dropdown aria-label={t('filter.length')}>
        <form className="stack g3" onSubmit={submit}>
          <NumberInput data-autofocus label={t('filter.min')} value={from} onChange={setFrom} min={1} max={9999} />
          <NumberInput label={t('filter.max')} value={to} onChange={setTo} min={1} max={9999} />
          <button type="submit" className="btn p">
            {t('filter.apply')}
          </button>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}

function LastFour() {
  const { t } = useTranslation('recordings');
  const { number_end } = useStore(personalTerms);
  const [, setTerm] = useTerm('number_end');
  const [text, setText] = useState(number_end ?? '');
  useEffect(() => setText(number_end ?? ''), [number_end]);
  const change = (typed: string): void => {
    const digits = typed.replace(/\D/g, '').slice(0, 4);
    setText(digits);
    if (digits.length === 4) setTerm(digits);
    else if (number_end !== undefined) setTerm('');
  };
  return (
    <label className="ctl last-four">
      <Search className="i s" />
      <input
        inputMode="numeric"
        autoComplete="off"
        placeholder={t('filter.last_four')}
        aria-label={t('filter.last_four')}
        value={text}
        onChange={({ currentTarget }) => change(currentTarget.value)}
      />
    </label>
  );
}
