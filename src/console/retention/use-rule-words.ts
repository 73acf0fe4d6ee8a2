// Retention rules as people read them: conditions, where a period begins, and how long it is.
import { useTranslation } from 'react-i18next';
import { useWords } from '../i18n/use-words.ts';
import { type Condition, eventOf, type Rule } from './rules.ts';

type Attribute = 'queue' | 'source' | 'direction' | 'language' | 'sensitivity' | 'basis';
/** In the order in which people read them; fields come after. */
export const ATTRIBUTES: readonly Attribute[] = ['queue', 'direction', 'source', 'language', 'sensitivity', 'basis'];

export type RuleWords = {
  readonly attributeOf: (name: string) => string;
  readonly textOf: (attribute: string, text: string) => string;
  readonly conditionOf: (when: Condition) => string;
  readonly startOf: (from: string) => string;
  readonly periodOf: (period: string) => string;
  /** The period of a rule, with the longest one while its event is not reported. */
  readonly lengthOf: (rule: Rule) => string;
};

/** Texts of the current language. A period or an attribute of a later version is shown as the API has it. */
export function useRuleWords(): RuleWords {
  const { t } = useTranslation('retentionPage');
  const { t: words } = useTranslation('words');
  const { direction, sensitivity, basis } = useWords();
  const named: { readonly [attribute: string]: (text: string) => string } = { direction, sensitivity, basis };
  const attributeOf = (name: string): string => {
    if (name.startsWith('field:')) return t('field', { name: name.slice('field:'.length) });
    return (ATTRIBUTES as readonly string[]).includes(name) ? t(`attribute.${name as Attribute}`) : name;
  };
  const textOf = (attribute: string, text: string): string => (named[attribute] ?? String)(text);
  const periodOf = (period: string): string => {
    const [, count = '', unit = ''] = /^P(\d+)([DMY])$/.exec(period) ?? [];
    if (unit === '') return period === 'never' ? t('never') : period;
    return words(`period.${unit as 'D'}`, { count: Number(count) });
  };
  return {
    attributeOf,
    textOf,
    periodOf,
    conditionOf: (when) => {
      const rank = (name: string): number => {
        const at = (ATTRIBUTES as readonly string[]).indexOf(name);
        return at === -1 ? ATTRIBUTES.length : at;
      };
      const names = Object.keys(when).sort((one, other) => rank(one) - rank(other));
      return names
        .map((name) => {
          const texts = (when[name] ?? []).map((text) => textOf(name, text)).join(t('or'));
          return t('condition', { name: attributeOf(name), texts });
        })
        .join(t('and'));
    },
    startOf: (from) => {
      const event = eventOf(from);
      if (event === null) return t('from.call');
      return event === 'contract-ended' || event === 'dispute-ended' ? t(`from.${event}`) : event;
    },
    lengthOf: ({ for: period, most }) => {
      const length = periodOf(period);
      return most === undefined ? length : `${length}, ${t('until_reported', { most: periodOf(most) })}`;
    },
  };
}

/** Writes a month (`yyyy-mm`) without its year, in the current language. */
export function useMonthName(): (month: string) => string {
  const { i18n } = useTranslation();
  const locale = i18n.language === 'en' ? 'en-GB' : i18n.language;
  const months = new Intl.DateTimeFormat(locale, { timeZone: 'UTC', month: 'short' });
  return (month) => months.format(new Date(`${month}-15T12:00:00Z`));
}
