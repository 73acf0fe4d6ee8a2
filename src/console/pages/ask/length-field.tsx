// How long: one of the lengths that most ask for, or another in minutes.
import { TextInput } from '@mantine/core';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { minuteChoices, parseMinutes, type RequestDraft, type Rule } from './request-draft.ts';

type Props = { readonly rule: Rule; readonly wish: RequestDraft; readonly change: (wish: RequestDraft) => void };

export function LengthField({ rule, wish, change }: Props) {
  const { t } = useTranslation('ask');
  const lengths = minuteChoices(rule.minutes_max);
  const [other, setOther] = useState(!lengths.includes(wish.minutes));
  const chosen = useRef(false);
  const choose = (minutes: number): void => {
    setOther(false);
    change({ ...wish, minutes });
  };
  const chooseOther = (): void => {
    chosen.current = true;
    setOther(true);
  };
  return (
    <fieldset className="field">
      <legend className="lb">
        {t('form.minutes')}
        <span className="mute">{t('form.longest', { count: rule.minutes_max })}</span>
      </legend>
      <div className="seg full">
        {lengths.map((minutes) => (
          <button
            key={minutes}
            type="button"
            aria-pressed={!other && wish.minutes === minutes}
            onClick={() => choose(minutes)}
          >
            {t('form.minute', { count: minutes })}
          </button>
        ))}
        <button type="button" aria-pressed={other} onClick={chooseOther}>
          {t('form.other')}
        </button>
      </div>
      {other ? (
        <OtherLength
          first={wish.minutes}
          most={rule.minutes_max}
          change={(minutes) => change({ ...wish, minutes })}
          enter={chosen.current}
        />
      ) : null}
    </fieldset>
  );
}

type OtherProps = {
  readonly first: number;
  readonly most: number;
  readonly change: (minutes: number) => void;
  /** Whether it was asked for just now, and is typed into next. */
  readonly enter: boolean;
};

function OtherLength({ first, most, change, enter }: OtherProps) {
  const { t } = useTranslation('ask');
  const [typed, setTyped] = useState(first === 0 ? '' : String(first));
  const entered = useRef(!enter);
  const range = t('form.other_range', { most });
  const wrong = parseMinutes(typed, most) === 0;
  return (
    <TextInput
      ref={(input) => {
        if (input === null || entered.current) return;
        entered.current = true;
        input.select();
      }}
      aria-label={t('form.other_label')}
      inputMode="numeric"
      autoComplete="off"
      maxLength={8}
      value={typed}
      inputWrapperOrder={['input', 'description', 'error']}
      description={wrong ? undefined : range}
      error={wrong ? range : null}
      onChange={({ currentTarget: { value } }) => {
        setTyped(value);
        change(parseMinutes(value, most));
      }}
    />
  );
}
