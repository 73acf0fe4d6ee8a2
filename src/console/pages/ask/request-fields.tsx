// Fields of a request: purpose, ticket, reason, length, objects.
import './ask.css';
import { Select, Textarea, TextInput } from '@mantine/core';
import { Check, ChevronDown } from 'lucide-react';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useWords } from '../../i18n/use-words.ts';
import { LengthField } from './length-field.tsx';
import {
  characterCount,
  findTicket,
  fitToRule,
  LEAST_REASON,
  MOST_REASON,
  type RequestDraft,
  type Rule,
  ticketToSend,
} from './request-draft.ts';

type Props = {
  readonly rules: readonly Rule[];
  readonly draft: RequestDraft;
  readonly change: (draft: RequestDraft) => void;
  /** Facts about an object, shown next to its name. */
  readonly about?: ((object: string) => string | null) | undefined;
};

export function RequestFields({ rules, draft, change, about }: Props) {
  const rule = rules.find(({ purpose }) => purpose === draft.purpose);
  if (rule === undefined) return null;
  return (
    <>
      <div className="ask-two">
        <PurposeField rules={rules} draft={draft} change={change} />
        <TicketField draft={draft} change={change} />
      </div>
      <ReasonField draft={draft} change={change} />
      <LengthField key={rule.purpose} rule={rule} draft={draft} change={change} />
      <ObjectsField rule={rule} draft={draft} change={change} about={about} />
    </>
  );
}

type PurposeProps = Pick<Props, 'rules' | 'change'> & { readonly draft: RequestDraft };

/** Purpose; a change keeps the rest of the draft as far as the new purpose allows it. */
export function PurposeField({ rules, draft, change }: PurposeProps) {
  const { t } = useTranslation('ask');
  const words = useWords();
  return (
    <Select
      label={t('form.purpose')}
      data={rules.map(({ purpose }) => ({ value: purpose, label: words.purpose(purpose) }))}
      value={draft.purpose}
      allowDeselect={false}
      rightSection={<ChevronDown className="i s mute" />}
      rightSectionPointerEvents="none"
      onChange={(purpose) => {
        const next = rules.find((rule) => rule.purpose === purpose);
        if (next !== undefined) change(fitToRule({ ...draft, objects: next.objects }, next));
      }}
    />
  );
}

type FieldProps = Pick<Props, 'draft' | 'change'>;

function TicketField({ draft, change }: FieldProps) {
  const { t } = useTranslation('ask');
  const value = ticketToSend(draft);
  const isFound = value !== '' && value === findTicket(draft.reason);
  const isThere = value !== '' && value === draft.recordingTicket;
  return (
    <TextInput
      label={
        <span className="lb">
          {t('form.ticket')}
          <span className="mute">
            {t(isFound ? 'form.ticket_found' : isThere ? 'form.ticket_there' : 'form.optional')}
          </span>
        </span>
      }
      value={value}
      maxLength={128}
      autoComplete="off"
      rightSection={isFound || isThere ? <Check className="i s yes" /> : null}
      onChange={({ currentTarget }) => change({ ...draft, ticket: currentTarget.value, ticketTyped: true })}
    />
  );
}

function ReasonField({ draft, change }: FieldProps) {
  const { t } = useTranslation('ask');
  const [left, setLeft] = useState(false);
  const count = characterCount(draft.reason);
  const short = left && count > 0 && count < LEAST_REASON;
  const hint = t('form.too_short', { least: LEAST_REASON });
  return (
    <Textarea
      label={
        <span className="lb">
          {t('form.reason')}
          <span className="mute num">{t('form.count', { count, most: MOST_REASON })}</span>
        </span>
      }
      required
      withAsterisk={false}
      autosize
      minRows={3}
      maxRows={8}
      maxLength={MOST_REASON}
      value={draft.reason}
      // Always rendered: a row that appears when the field loses focus would move the button under the pointer.
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      description={short ? undefined : hint}
      error={short ? hint : null}
      onBlur={() => setLeft(true)}
      onChange={({ currentTarget }) => change({ ...draft, reason: currentTarget.value })}
    />
  );
}

function ObjectsField({ rule, draft, change, about }: FieldProps & Pick<Props, 'about'> & { readonly rule: Rule }) {
  const { t } = useTranslation('ask');
  const words = useWords();
  const id = useId();
  const toggle = (name: string, on: boolean): void => {
    change({ ...draft, objects: on ? [...draft.objects, name] : draft.objects.filter((one) => one !== name) });
  };
  return (
    <fieldset className="field" aria-describedby={`${id}-need`}>
      <legend className="lb">{t('form.objects')}</legend>
      <div className="ask-objects">
        {['audio', 'transcript'].map((name) => {
          const allowed = rule.objects.includes(name);
          return (
            <label key={name} className="row">
              <input
                type="checkbox"
                className="box"
                checked={allowed && draft.objects.includes(name)}
                disabled={!allowed}
                onChange={({ currentTarget }) => toggle(name, currentTarget.checked)}
              />
              <span className={allowed ? 'grow' : 'grow mute'}>
                <span className="m">{words.object(name)}</span>{' '}
                <span className="dim small">
                  {allowed ? about?.(name) : t(about?.(name) === null ? 'form.not_there' : 'form.not_for_purpose')}
                </span>
              </span>
              {allowed ? <span className="mute small nw">{t('form.approvers', { count: rule.approvals })}</span> : null}
            </label>
          );
        })}
      </div>
      <p id={`${id}-need`} className={draft.objects.length === 0 ? 'no small' : 'sr'}>
        {draft.objects.length === 0 ? t('form.choose_one') : ''}
      </p>
    </fieldset>
  );
}
