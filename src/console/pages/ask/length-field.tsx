// Length of access: a common length, or another one in minutes.
import { TextInput } from '@mantine/core';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { minuteChoices, parseMinutes, type RequestDraft, type Rule } from './request-draft.ts';

type Props = { readonly rule: Rule; readonly draft: RequestDraft; readonly change: (draft: RequestDraft) => void };

export function LengthField({ rule, draft, change }: Props) {
  const { t } = useTranslation('ask');
  const lengths = minuteChoices(rule.minutes_max);
  const [other, setOther] = useState(!lengths.includes(draft.minutes));
  const chosen = useRef(false);
  const choose = (minutes: number): void => {
    setOther(false);
    change({ ...draft, minutes });
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
            aria-pressed={!other && draft.minutes === minutes}
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
          first={draft.minutes}
          most={rule.minutes_max}
          change={(minutes) => change({ ...draft, minutes })}
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
  /** Whether the field was just opened and should take the focus. */
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
