// The fields of a request: purpose, ticket, reason, how long, what.
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
  readonly wish: RequestDraft;
  readonly change: (wish: RequestDraft) => void;
  /** What is known of an object, beside its name. */
  readonly about?: ((object: string) => string | null) | undefined;
};

export function RequestFields({ rules, wish, change, about }: Props) {
  const rule = rules.find(({ purpose }) => purpose === wish.purpose);
  if (rule === undefined) return null;
  return (
    <>
      <div className="ask-two">
        <PurposeField rules={rules} wish={wish} change={change} />
        <TicketField wish={wish} change={change} />
      </div>
      <ReasonField wish={wish} change={change} />
      <LengthField key={rule.purpose} rule={rule} wish={wish} change={change} />
      <ObjectsField rule={rule} wish={wish} change={change} about={about} />
    </>
  );
}

type PurposeProps = Pick<Props, 'rules' | 'change'> & { readonly wish: RequestDraft };

/** Which purpose; what else was written stays as far as the purpose allows it. */
export function PurposeField({ rules, wish, change }: PurposeProps) {
  const { t } = useTranslation('ask');
  const words = useWords();
  return (
    <Select
      label={t('form.purpose')}
      data={rules.map(({ purpose }) => ({ value: purpose, label: words.purpose(purpose) }))}
      value={wish.purpose}
      allowDeselect={false}
      rightSection={<ChevronDown className="i s mute" />}
      rightSectionPointerEvents="none"
      onChange={(purpose) => {
        const next = rules.find((rule) => rule.purpose === purpose);
        if (next !== undefined) change(fitToRule({ ...wish, objects: next.objects }, next));
      }}
    />
  );
}

type FieldProps = Pick<Props, 'wish' | 'change'>;

function TicketField({ wish, change }: FieldProps) {
  const { t } = useTranslation('ask');
  const value = ticketToSend(wish);
  const isFound = value !== '' && value === findTicket(wish.reason);
  const isThere = value !== '' && value === wish.recordingTicket;
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
      onChange={({ currentTarget }) => change({ ...wish, ticket: currentTarget.value, ticketTyped: true })}
    />
  );
}

function ReasonField({ wish, change }: FieldProps) {
  const { t } = useTranslation('ask');
  const [left, setLeft] = useState(false);
  const count = characterCount(wish.reason);
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
      value={wish.reason}
      // It stands there from the start: what comes when one leaves the field would move what is about to be pressed.
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      description={short ? undefined : hint}
      error={short ? hint : null}
      onBlur={() => setLeft(true)}
      onChange={({ currentTarget }) => change({ ...wish, reason: currentTarget.value })}
    />
  );
}

function ObjectsField({ rule, wish, change, about }: FieldProps & Pick<Props, 'about'> & { readonly rule: Rule }) {
  const { t } = useTranslation('ask');
  const words = useWords();
  const id = useId();
  const toggle = (name: string, on: boolean): void => {
    change({ ...wish, objects: on ? [...wish.objects, name] : wish.objects.filter((one) => one !== name) });
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
                checked={allowed && wish.objects.includes(name)}
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
      <p id={`${id}-need`} className={wish.objects.length === 0 ? 'no small' : 'sr'}>
        {wish.objects.length === 0 ? t('form.choose_one') : ''}
      </p>
    </fieldset>
  );
}
