// One rule in the list that is edited: what it says in a line, and its fields once it is opened.
import { Checkbox, TextInput } from '@mantine/core';
import { ArrowDown, ArrowUp, Pencil, Trash2 } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { UserText } from '../../../components/user-text.tsx';
import type { ListName } from '../../../retention/rules.ts';
import { type RuleWords, useRuleWords } from '../../../retention/use-rule-words.ts';
import { ConditionFields } from './condition-fields.tsx';
import { type DraftRule, rulesFrom } from './draft.ts';
import { PeriodField } from './period-field.tsx';

type Props = {
  readonly rule: DraftRule;
  readonly list: ListName;
  readonly place: number;
  /** The last promise, which matches everything else and stays. */
  readonly isLast: boolean;
  readonly isOpen: boolean;
  readonly isFaulty: boolean;
  readonly canMove: { readonly up: boolean; readonly down: boolean };
  readonly toggle: () => void;
  readonly move: (by: 1 | -1) => void;
  readonly onChange: (rule: DraftRule | null) => void;
};

export function RuleItem(props: Props) {
  const { rule, list, place, isLast, isOpen, isFaulty, canMove, toggle, move, onChange } = props;
  const { t } = useTranslation('retentionPage');
  const words = useRuleWords();
  const name = rule.name.trim() === '' ? t('edit.unnamed') : rule.name;
  return (
    <li className={isFaulty ? 'edit-rule faulty' : 'edit-rule'}>
      <div className="row edit-line">
        <span className="mute num">{list === 'erase' ? place : ''}</span>
        <span className="grow edit-what">
          <b className="m">
            <UserText text={name} />
          </b>
          <span className="dim small">
            <UserText text={lineOf(rule, words, isLast ? t('last') : t('all'))} />
          </span>
        </span>
        <button
          type="button"
          className="btn s sq q"
          aria-label={t('edit.up', { name })}
          disabled={!canMove.up}
          onClick={() => move(-1)}
        >
          <ArrowUp className="i" />
        </button>
        <button
          type="button"
          className="btn s sq q"
          aria-label={t('edit.down', { name })}
          disabled={!canMove.down}
          onClick={() => move(1)}
        >
          <ArrowDown className="i" />
        </button>
        <button
          type="button"
          className="btn s sq"
          aria-label={t('edit.open', { name })}
          aria-expanded={isOpen}
          onClick={toggle}
        >
          <Pencil className="i" />
        </button>
        <button
          type="button"
          className="btn s sq no"
          aria-label={t('edit.remove', { name })}
          disabled={isLast}
          onClick={() => onChange(null)}
        >
          <Trash2 className="i" />
        </button>
      </div>
      {isOpen ? <RuleFields rule={rule} list={list} isLast={isLast} onChange={onChange} /> : null}
    </li>
  );
}

/** What the rule says, in a line. */
function lineOf(draft: DraftRule, words: RuleWords, all: string): string {
  const [rule] = rulesFrom({ grace: { count: 1, unit: 'D' }, keep: [draft], erase: [] }).keep;
  if (rule === undefined) return '';
  const when = Object.keys(rule.when).length === 0 ? all : words.conditionOf(rule.when);
  const start = rule.for === 'never' ? [] : [words.startOf(rule.from)];
  return [when, ...start, words.lengthOf(rule)].join(' · ');
}

type FieldsProps = Pick<Props, 'rule' | 'list' | 'isLast'> & { readonly onChange: (rule: DraftRule) => void };

function RuleFields({ rule, list, isLast, onChange }: FieldsProps) {
  const { t } = useTranslation('retentionPage');
  const edit = (more: Partial<DraftRule>): void => onChange({ ...rule, ...more });
  const { event, period, most } = rule;
  return (
    <div className="stack g4 edit-fields">
      <div className="edit-two">
        <TextInput
          label={t('edit.name')}
          maxLength={128}
          value={rule.name}
          onChange={({ currentTarget: { value } }) => edit({ name: value })}
        />
        <TextInput
          label={t('edit.id')}
          description={t('edit.id_hint')}
          maxLength={32}
          value={rule.id}
          onChange={({ currentTarget: { value } }) => edit({ id: value })}
        />
      </div>
      {list === 'keep' ? (
        <TextInput
          label={t('edit.law')}
          maxLength={256}
          value={rule.law}
          onChange={({ currentTarget: { value } }) => edit({ law: value })}
        />
      ) : null}
      {isLast ? (
        <p className="dim">{t('edit.when_last')}</p>
      ) : (
        <ConditionFields when={rule.when} onChange={(when) => edit({ when })} />
      )}
      {list === 'erase' ? (
        <Checkbox
          label={t('edit.never')}
          checked={period === null}
          onChange={({ currentTarget: { checked } }) => edit({ period: checked ? null : { count: 1, unit: 'Y' } })}
        />
      ) : null}
      {period === null ? null : (
        <>
          <fieldset className="stack g1">
            <legend className="field-label">{t('edit.from')}</legend>
            <div className="seg">
              <button type="button" aria-pressed={event === null} onClick={() => edit({ event: null, most: null })}>
                {t('edit.from_call')}
              </button>
              <button type="button" aria-pressed={event !== null} onClick={() => edit({ event: event ?? '' })}>
                {t('edit.from_event')}
              </button>
            </div>
          </fieldset>
          {event === null ? null : (
            <TextInput
              label={t('edit.event')}
              description={t('edit.event_hint')}
              maxLength={32}
              value={event}
              onChange={({ currentTarget: { value } }) => edit({ event: value })}
            />
          )}
          <PeriodField label={t('edit.count')} value={period} onChange={(next) => edit({ period: next })} />
          {event === null ? null : (
            <Checkbox
              label={t('edit.limited')}
              checked={most !== null}
              onChange={({ currentTarget: { checked } }) => edit({ most: checked ? { count: 10, unit: 'Y' } : null })}
            />
          )}
          {event === null || most === null ? null : (
            <PeriodField label={t('edit.most')} value={most} onChange={(next) => edit({ most: next })} />
          )}
        </>
      )}
    </div>
  );
}
