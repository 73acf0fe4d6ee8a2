// Fields of a policy: the rule of one purpose, and what holds for all.
import { Checkbox, NumberInput, Select } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useWords } from '../../i18n/use-words.ts';
import { usePolicyWords } from '../changes/use-policy-words.ts';
import { LimitFields, type PolicyEdit } from './limit-fields.tsx';
import type { PolicyData } from './queries.ts';

type Rule = NonNullable<PolicyData['purposes']['quality']>;

/** The values that each list of a rule can have. */
const LISTS = {
  roles: ['reviewer', 'supervisor', 'privacy'],
  objects: ['audio', 'transcript'],
  bases: ['consent', 'contract', 'legal-obligation', 'legitimate-interest', 'none'],
  classes: ['normal', 'sensitive'],
} as const;

const CONSENT = ['stated', 'noticed', 'any'] as const;

/** What reviewers and supervisors see. */
const SCOPES = ['all', 'team'] as const;

/** The rule that a purpose gets when it is allowed. */
export const FIRST_RULE: Rule = {
  ...{
    bases: ['consent'],
    consent: 'stated',
    approvals: 1,
    roles: ['supervisor'],
    objects: ['audio'],
    classes: ['normal'],
  },
  ...{ longestMinutes: 30, otherTeam: false, extendMinutes: 0, assignable: false, tellAgent: false },
};

/** Members that change; an undefined window or training is removed. */
type RuleEdit = Partial<Omit<Rule, 'windowHours' | 'training'>> & {
  readonly windowHours?: number | undefined;
  readonly training?: true | undefined;
};

/** The rule after an edit. */
export function edited(rule: Rule, more: RuleEdit): Rule {
  const { windowHours, training, ...rest } = { ...rule, ...more };
  return {
    ...rest,
    ...(windowHours === undefined ? {} : { windowHours }),
    ...(training === undefined ? {} : { training }),
  };
}

export function RuleFields({ rule, edit }: { readonly rule: Rule; readonly edit: (more: RuleEdit) => void }) {
  const { t } = useTranslation('policy');
  const words = useWords();
  const { nameOf, textOf: memberText } = usePolicyWords();
  const textOf = { roles: words.role, objects: words.object, bases: words.basis, classes: words.sensitivity };
  return (
    <>
      <NumberInput
        label={t('in_minutes', { name: nameOf('longestMinutes') })}
        min={1}
        max={10_000}
        allowDecimal={false}
        value={rule.longestMinutes}
        onChange={(value) => edit({ longestMinutes: Number(value) })}
      />
      <NumberInput
        label={t('in_hours', { name: nameOf('windowHours') })}
        min={1}
        max={168}
        allowDecimal={false}
        value={rule.windowHours ?? ''}
        onChange={(value) => edit({ windowHours: value === '' ? undefined : Number(value) })}
      />
      <NumberInput
        label={t('in_minutes', { name: nameOf('extendMinutes') })}
        min={0}
        max={600}
        allowDecimal={false}
        value={rule.extendMinutes}
        onChange={(value) => edit({ extendMinutes: Number(value) })}
      />
      <NumberInput
        label={nameOf('approvals')}
        min={1}
        max={5}
        allowDecimal={false}
        value={rule.approvals}
        onChange={(value) => edit({ approvals: Number(value) })}
      />
      <Checkbox
        label={t('of_other_team')}
        checked={rule.otherTeam}
        onChange={({ currentTarget: { checked } }) => edit({ otherTeam: checked })}
      />
      {(Object.keys(LISTS) as (keyof typeof LISTS)[]).map((name) => (
        <Checkbox.Group
          key={name}
          label={nameOf(name)}
          value={[...rule[name]]}
          onChange={(values) => edit({ [name]: LISTS[name].filter((one) => values.includes(one)) })}
        >
          <div className="row wrap g4">
            {LISTS[name].map((value) => (
              <Checkbox key={value} value={value} label={textOf[name](value)} />
            ))}
          </div>
        </Checkbox.Group>
      ))}
      <Select
        label={nameOf('consent')}
        description={t('consent.hint')}
        data={CONSENT.map((value) => ({ value, label: memberText('consent', value) }))}
        value={rule.consent ?? 'any'}
        allowDeselect={false}
        onChange={(value) => edit({ consent: CONSENT.find((one) => one === value) ?? 'stated' })}
      />
      <Checkbox
        label={nameOf('assignable')}
        checked={rule.assignable}
        onChange={({ currentTarget: { checked } }) => edit({ assignable: checked })}
      />
      <Checkbox
        label={t('requires_training')}
        checked={rule.training === true}
        onChange={({ currentTarget: { checked } }) => edit({ training: checked ? true : undefined })}
      />
    </>
  );
}

type ForAllProps = { readonly policy: PolicyData; readonly edit: (more: PolicyEdit) => void };

export function ForAllFields({ policy, edit }: ForAllProps) {
  const { t } = useTranslation('policy');
  const { nameOf, textOf } = usePolicyWords();
  const bounds = { approverAgeHours: [0, 8_784], requestHours: [1, 720], uses: [1, 100], bulk: [1, 50] } as const;
  return (
    <>
      <Select
        label={nameOf('scope')}
        data={SCOPES.map((value) => ({ value, label: textOf('scope', value) }))}
        value={policy.scope}
        allowDeselect={false}
        onChange={(value) => edit({ scope: SCOPES.find((one) => one === value) ?? policy.scope })}
      />
      <NumberInput
        label={t('in_hours', { name: nameOf('escalateHours') })}
        min={1}
        max={720}
        allowDecimal={false}
        value={policy.escalateHours ?? ''}
        onChange={(value) => edit({ escalateHours: value === '' ? undefined : Number(value) })}
      />
      {(Object.keys(bounds) as (keyof typeof bounds)[]).map((name) => (
        <NumberInput
          key={name}
          label={name === 'uses' || name === 'bulk' ? nameOf(name) : t('in_hours', { name: nameOf(name) })}
          min={bounds[name][0]}
          max={bounds[name][1]}
          allowDecimal={false}
          value={policy[name]}
          onChange={(value) => edit({ [name]: Number(value) })}
        />
      ))}
      <LimitFields policy={policy} edit={edit} />
      <Checkbox
        label={nameOf('apiKeyDecisions')}
        checked={policy.apiKeyDecisions}
        onChange={({ currentTarget: { checked } }) => edit({ apiKeyDecisions: checked })}
      />
    </>
  );
}
