// Fields of what a hold covers by search: dates, direction, language, and what a call is found by.
import { Select, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { TermFields } from '../../components/term-fields.tsx';
import { useWords } from '../../i18n/use-words.ts';
import type { HoldDraft } from './hold-draft.ts';

const DIRECTIONS = ['inbound', 'outbound', 'internal'] as const;
const NAMES = ['number', 'number_end', 'agent', 'queue', 'ticket', 'call_id', 'interaction'] as const;

type Props = { readonly draft: HoldDraft; readonly edit: (more: Partial<HoldDraft>) => void };

export function QueryFields({ draft, edit }: Props) {
  const { t } = useTranslation('holds');
  const words = useWords();
  const { from, to } = draft;
  const isReversed = from !== '' && to !== '' && from > to;
  return (
    <>
      <div className="hold-two">
        <TextInput
          type="date"
          label={t('from')}
          value={from}
          onChange={({ currentTarget: { value } }) => edit({ from: value })}
        />
        <TextInput
          type="date"
          label={t('to')}
          error={isReversed ? t('reversed') : null}
          value={to}
          onChange={({ currentTarget: { value } }) => edit({ to: value })}
        />
        <Select
          label={t('direction')}
          placeholder={t('any')}
          clearable
          clearButtonProps={{ 'aria-label': t('clear') }}
          data={DIRECTIONS.map((value) => ({ value, label: words.direction(value) }))}
          value={draft.direction}
          onChange={(direction) => edit({ direction })}
        />
        <TextInput
          label={t('language')}
          placeholder={t('language_hint')}
          autoComplete="off"
          maxLength={64}
          value={draft.language}
          onChange={({ currentTarget: { value } }) => edit({ language: value })}
        />
      </div>
      <TermFields
        legend={t('terms')}
        hint={t('terms_hint')}
        add={t('add_term')}
        names={NAMES}
        terms={draft.terms}
        change={(terms) => edit({ terms })}
      />
    </>
  );
}
