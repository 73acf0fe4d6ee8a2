// Names and values of facts in words.
import { useTranslation } from 'react-i18next';
import type { FactChange } from '../../api/types.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { useWords } from '../../i18n/use-words.ts';

type Value = FactChange['after'];

/** Facts with a name of their own; `fields` and `events` have the tenant's. */
const NAMED = [
  ...(['agent', 'queue', 'ticket', 'language', 'direction', 'sensitivity', 'basis', 'interaction'] as const),
  ...(['wrap_up', 'retain_until', 'file_name', 'notes', 'pauses', 'started'] as const),
];

export function useFacts() {
  const { t } = useTranslation('recording');
  const words = useWords();
  const format = useFormat();
  const time = (text: string): string => (Number.isNaN(Date.parse(text)) ? text : format.dateTime(text));
  return {
    /** The name of a fact by its key. */
    name: (key: string): string => {
      const [member = key, name] = key.split('/');
      if (member === 'numbers') return t(name === 'to' ? 'facts.to' : 'facts.from');
      if (name !== undefined) return name;
      const known = NAMED.find((one) => one === (member === 'started_at' ? 'started' : member));
      return known === undefined ? member : t(`facts.${known}`);
    },
    /** A value in words; null where the fact is absent. */
    value: (key: string, value: Value): string | null => {
      if (value === null || value === undefined) return null;
      if (Array.isArray(value)) return t('times', { count: value.length });
      if (typeof value === 'object') {
        const { kind, evidence } = value as { readonly kind?: unknown; readonly evidence?: unknown };
        const basis = words.basis(String(kind ?? ''));
        return typeof evidence === 'string' ? `${basis} (${evidence})` : basis;
      }
      const text = String(value);
      if (key === 'language') return words.speech(text);
      if (key === 'direction') return words.direction(text);
      if (key === 'sensitivity') return words.sensitivity(text);
      if (key === 'basis') return words.basis(text);
      return key === 'retain_until' || key === 'started_at' || key.startsWith('events/') ? time(text) : text;
    },
  };
}
