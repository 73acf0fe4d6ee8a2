// Sentences about a subject request: its heading, its person, its due date.
import { useTranslation } from 'react-i18next';
import { useNow } from '../api/server-clock.ts';
import { useFormat } from '../i18n/use-format.ts';
import { headingKinds } from './outcomes.ts';
import { type Due, dueIn, type Stage, stageOf } from './stage.ts';
import type { SubjectRequest } from './types.ts';

const MINUTE_MS = 60_000;

export type SubjectWords = {
  /** What is asked, as a heading: the act first. */
  readonly kinds: (request: Pick<SubjectRequest, 'kinds'>) => string;
  /** The person by masked number, name, or a field. */
  readonly person: (request: Pick<SubjectRequest, 'person'>) => string;
  readonly stage: (request: SubjectRequest) => { readonly stage: Stage; readonly text: string };
  readonly due: (request: Pick<SubjectRequest, 'due'>) => Due & { readonly long: string; readonly short: string };
};

/** Sentences in the current language, with days of the tenant's zone. */
export function useSubjectWords(): SubjectWords {
  const { t, i18n } = useTranslation('subjects');
  const format = useFormat();
  const now = useNow(MINUTE_MS);
  const kinds: SubjectWords['kinds'] = (request) => {
    const named = headingKinds(request).map((kind, n) => {
      const word = t(`kind.${kind}`);
      return n > 0 && i18n.language === 'en' ? word.toLowerCase() : word;
    });
    const last = named.pop() ?? '';
    return named.length === 0 ? last : `${named.join(t('kinds_comma'))}${t('kinds_join')}${last}`;
  };
  const stage: SubjectWords['stage'] = (request) => {
    const found = stageOf(request);
    const day = request.ended === null ? '' : format.dayMonth(request.ended);
    return { stage: found, text: t(`stage.${found}`, { ...request.recordings, day }) };
  };
  const due: SubjectWords['due'] = (request) => {
    const left = dueIn(format.day(request.due), format.day(new Date(now).toISOString()));
    const said = { day: format.dayMonth(request.due), count: Math.abs(left.days) };
    if (left.days === 0) return { ...left, long: t('due_today'), short: t('left_today') };
    const isPast = left.days < 0;
    return { ...left, long: t(isPast ? 'due_past' : 'due_left', said), short: t(isPast ? 'past' : 'left', said) };
  };
  return {
    kinds,
    stage,
    due,
    person: ({ person: { numbers, name, fields } }) => numbers[0] ?? name ?? Object.values(fields)[0] ?? t('someone'),
  };
}
