// What a hold covers, in words: a list, or what its query looks at.
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../i18n/use-format.ts';
import { useWords } from '../../i18n/use-words.ts';
import type { Hold } from './queries.ts';

/** Names of blind indexes that have a word; others are fields. */
const INDEXES = ['phone', 'phone-last4', 'agent', 'queue', 'ticket', 'call_id', 'interaction'] as const;
const CLEAR: readonly string[] = ['from', 'to', 'direction', 'language'];
const DAY_MS = 86_400_000;

/** The text of a hold. The values that it finds recordings by are stored as indexes: only their names can be shown. */
export function useScopeText(): (hold: Pick<Hold, 'rule'>) => string {
  const { t } = useTranslation('holds');
  const format = useFormat();
  const words = useWords();
  return ({ rule }) => {
    if (rule === null) return t('scope.list');
    const { from, to, direction, language, by } = rule;
    // The end of a day is the start of the next.
    const last = to === undefined ? null : format.date(new Date(Date.parse(to) - 1).toISOString());
    const isOneDay = from !== undefined && to !== undefined && Date.parse(to) - Date.parse(from) <= DAY_MS;
    const period =
      from !== undefined && last !== null
        ? isOneDay
          ? t('scope.day', { day: last })
          : t('scope.between', { from: format.date(from), to: last })
        : from !== undefined
          ? t('scope.from', { day: format.date(from) })
          : last !== null
            ? t('scope.to', { day: last })
            : null;
    const indexed = by
      .filter((name) => !CLEAR.includes(name))
      .map((name) => {
        const known = INDEXES.find((one) => one === name);
        return known === undefined ? name.replace(/^field:/, '') : t(`scope.index.${known}`);
      });
    const parts = [
      ...(period === null ? [] : [period]),
      ...(direction === undefined ? [] : [words.direction(direction)]),
      ...(language === undefined ? [] : [words.speech(language)]),
      ...(indexed.length === 0 ? [] : [t('scope.by', { names: format.list(indexed) })]),
    ];
    return parts.length === 0 ? t('scope.all') : parts.join(t('scope.and'));
  };
}
