// Fields of the limits of a policy: each may be absent, which sets no limit.
import { Checkbox, NumberInput, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { usePolicyWords } from '../changes/use-policy-words.ts';
import type { PolicyData } from './queries.ts';

type Limits = Pick<PolicyData, 'escalateHours' | 'hours' | 'perDay' | 'atOnce' | 'pace' | 'openRequests'>;

/** Members that change; an undefined limit is removed. */
export type PolicyEdit = Partial<Omit<PolicyData, keyof Limits>> & {
  readonly [Name in keyof Limits]?: Limits[Name] | undefined;
};

/** The policy after an edit. */
export function editedPolicy(policy: PolicyData, more: PolicyEdit): PolicyData {
  const members = Object.entries({ ...policy, ...more });
  return Object.fromEntries(members.filter(([, value]) => value !== undefined)) as PolicyData;
}

function perDayOf(sessions: number | undefined, minutes: number | undefined): PolicyData['perDay'] {
  if (sessions === undefined) return minutes === undefined ? undefined : { minutes };
  return minutes === undefined ? { sessions } : { sessions, minutes };
}

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
/** The hours that a policy gets when they are limited. */
const FIRST_HOURS = { days: DAYS.slice(0, 5), from: '08:00', to: '20:00' };

type Props = { readonly policy: PolicyData; readonly edit: (more: PolicyEdit) => void };

export function LimitFields({ policy, edit }: Props) {
  const { t } = useTranslation('policy');
  const { nameOf } = usePolicyWords();
  const limit = (label: string, max: number, value: number | undefined, set: (value: number | undefined) => void) => (
    <NumberInput
      label={label}
      min={1}
      max={max}
      allowDecimal={false}
      value={value ?? ''}
      onChange={(next) => set(next === '' ? undefined : Number(next))}
    />
  );
  return (
    <fieldset className="stack g4">
      <legend>{t('limits')}</legend>
      <p className="dim small">{t('limits_hint')}</p>
      {limit(nameOf('openRequests'), 1_000, policy.openRequests, (openRequests) => edit({ openRequests }))}
      {limit(t('sessions_a_day'), 1_000, policy.perDay?.sessions, (sessions) =>
        edit({ perDay: perDayOf(sessions, policy.perDay?.minutes) }),
      )}
      {limit(t('minutes_a_day'), 1_440, policy.perDay?.minutes, (minutes) =>
        edit({ perDay: perDayOf(policy.perDay?.sessions, minutes) }),
      )}
      {limit(nameOf('atOnce'), 100, policy.atOnce, (atOnce) => edit({ atOnce }))}
      {limit(nameOf('pace'), 4, policy.pace, (pace) => edit({ pace }))}
      <HoursFields policy={policy} edit={edit} />
    </fieldset>
  );
}

function HoursFields({ policy: { hours }, edit }: Props) {
  const { t } = useTranslation('policy');
  return (
    <>
      <Checkbox
        label={t('only_hours')}
        description={t('hours_hint')}
        checked={hours !== undefined}
        onChange={({ currentTarget: { checked } }) => edit({ hours: checked ? FIRST_HOURS : undefined })}
      />
      {hours === undefined ? null : (
        <>
          <Checkbox.Group
            label={t('hours_days')}
            value={[...hours.days]}
            onChange={(values) => edit({ hours: { ...hours, days: DAYS.filter((day) => values.includes(day)) } })}
          >
            <div className="row wrap g4">
              {DAYS.map((day) => (
                <Checkbox key={day} value={day} label={t(`day.${day}`)} />
              ))}
            </div>
          </Checkbox.Group>
          {(['from', 'to'] as const).map((name) => (
            <TextInput
              key={name}
              label={t(`hours_${name}`)}
              maxLength={5}
              required
              withAsterisk={false}
              value={hours[name]}
              onChange={({ currentTarget: { value } }) => edit({ hours: { ...hours, [name]: value.trim() } })}
            />
          ))}
        </>
      )}
    </>
  );
}
