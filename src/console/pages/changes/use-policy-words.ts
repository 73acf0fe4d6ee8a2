// Members of a policy and their values, as people read them.
import { useTranslation } from 'react-i18next';
import type { OnePolicyBody } from '../../../http/reply-types.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { useWords } from '../../i18n/use-words.ts';

/** Members that a person can set, in the order in which they are read. */
export const RULE_MEMBERS = [
  ...(['longestMinutes', 'windowHours', 'extendMinutes', 'approvals', 'otherTeam', 'assignable'] as const),
  ...(['roles', 'objects', 'bases', 'consent', 'classes', 'training'] as const),
] as const;
export const POLICY_MEMBERS = [
  ...(['scope', 'escalateHours', 'approverAgeHours', 'requestHours', 'uses', 'openRequests'] as const),
  ...(['perDay', 'atOnce', 'pace', 'hours', 'bulk', 'apiKeyDecisions'] as const),
] as const;
const MINUTES: readonly string[] = ['longestMinutes', 'extendMinutes'];
const LIMITS: readonly string[] = ['openRequests', 'perDay', 'atOnce'];
const HOURS: readonly string[] = ['escalateHours', 'approverAgeHours', 'requestHours', 'windowHours'];
/** What the absence of a member means. */
const ABSENT: {
  readonly [name: string]: 'value.no_window' | 'value.at_once' | 'value.always' | 'value.usual_pace' | undefined;
} = {
  windowHours: 'value.no_window',
  escalateHours: 'value.at_once',
  hours: 'value.always',
  pace: 'value.usual_pace',
};
type Hours = NonNullable<OnePolicyBody['policy']['hours']>;
type PerDay = NonNullable<OnePolicyBody['policy']['perDay']>;
export type RuleMember = (typeof RULE_MEMBERS)[number];
type Member = RuleMember | (typeof POLICY_MEMBERS)[number];

/** A member's name and the text of its value; a member of a later version is shown as it is named. */
export function usePolicyWords(): {
  readonly nameOf: (name: string) => string;
  readonly textOf: (name: string, value: unknown) => string;
} {
  const { t } = useTranslation('policy');
  const words = useWords();
  const format = useFormat();
  const named = (name: string): name is Member =>
    (RULE_MEMBERS as readonly string[]).includes(name) || (POLICY_MEMBERS as readonly string[]).includes(name);
  const listOf: { readonly [name: string]: (code: string) => string } = {
    roles: words.role,
    objects: words.object,
    bases: words.basis,
    classes: words.sensitivity,
  };
  const hoursText = ({ days, from, to }: Hours): string =>
    t('value.at_hours', { from, to, days: format.list(days.map((day) => t(`day.${day}`))) });
  const perDayText = ({ sessions, minutes }: PerDay): string =>
    format.list([
      ...(sessions === undefined ? [] : [t('value.sessions', { count: sessions })]),
      ...(minutes === undefined ? [] : [t('value.minutes', { count: minutes })]),
    ]);
  return {
    nameOf: (name) => (name === 'purpose' ? t('member.purpose') : named(name) ? t(`member.${name}`) : name),
    textOf: (name, value) => {
      if (name === 'purpose') return t(value === null ? 'value.absent' : 'value.present');
      if (name === 'scope') return t(value === 'team' ? 'value.of_teams' : 'value.all_recordings');
      if (Array.isArray(value)) return format.list(value.map((one) => (listOf[name] ?? String)(String(one))));
      if (name === 'otherTeam') return t(value === true ? 'value.other_team' : 'value.any_team');
      if (name === 'consent') return t(`consent.${value === 'stated' || value === 'noticed' ? value : 'any'}`);
      if (name === 'training' && value === true) return t('value.required');
      if (typeof value === 'boolean') return t(value ? 'value.on' : 'value.off');
      if (value === null || value === undefined)
        return t(ABSENT[name] ?? (LIMITS.includes(name) ? 'value.no_limit' : 'value.none'));
      if (name === 'pace') return t('value.pace', { pace: format.number(Number(value)) });
      if (name === 'hours') return hoursText(value as Hours);
      if (name === 'perDay') return perDayText(value as PerDay);
      if (MINUTES.includes(name)) return t('value.minutes', { count: Number(value) });
      if (HOURS.includes(name)) return t('value.hours', { count: Number(value) });
      return typeof value === 'number' ? format.number(value) : JSON.stringify(value);
    },
  };
}
