// The form of a new hold, and the request that it makes.
import { areIds, idsIn } from '../../components/recording-ids.ts';
import { areTerms, searchOf, type Term } from '../../components/search-terms.ts';
import { dayAfter, midnight } from '../../i18n/days.ts';

/** The most recordings that one request names. */
export const MOST_LISTED = 200;

export type HoldDraft = {
  readonly reference: string;
  readonly title: string;
  /** A day, as `2027-06-30`; so are `from` and `to`, which the period includes. */
  readonly review: string;
  readonly covers: 'query' | 'list';
  readonly ids: string;
  readonly from: string;
  readonly to: string;
  readonly direction: string | null;
  readonly language: string;
  readonly terms: readonly Term[];
  readonly continuing: boolean;
};

/** An empty form. */
export const EMPTY_HOLD: HoldDraft = {
  ...{
    reference: '',
    title: '',
    review: '',
    covers: 'query',
    ids: '',
    from: '',
    to: '',
    direction: null,
    language: '',
  },
  ...{ terms: [], continuing: false },
};

/** Whether its query names nothing, so that it covers every recording. */
export function coversAll({ covers, from, to, direction, language, terms }: HoldDraft): boolean {
  const isNamed = from !== '' || to !== '' || direction !== null || language.trim() !== '' || terms.length > 0;
  return covers === 'query' && !isNamed;
}

/** Whether it can be sent. A query that covers every recording must have been confirmed. */
export function isReady(draft: HoldDraft, confirmedAll: boolean): boolean {
  const { reference, title, review, covers, ids, from, to, terms } = draft;
  if (reference.trim() === '' || title.trim() === '' || review === '') return false;
  if (covers === 'list') return areIds(ids, MOST_LISTED);
  const isPeriod = from === '' || to === '' || from <= to;
  return isPeriod && areTerms(terms) && (!coversAll(draft) || confirmedAll);
}

/** The request, with days of this zone. */
export function holdBodyOf(draft: HoldDraft, timeZone: string): object {
  const { covers, from, to, direction, language, terms, continuing } = draft;
  const said = {
    reference: draft.reference.trim(),
    title: draft.title.trim(),
    review: midnight(draft.review, timeZone),
  };
  if (covers === 'list') return { ...said, recordings: idsIn(draft.ids).ids };
  const query = {
    ...searchOf(terms),
    ...(from === '' ? {} : { from: midnight(from, timeZone) }),
    ...(to === '' ? {} : { to: midnight(dayAfter(to, 1), timeZone) }),
    ...(direction === null ? {} : { direction }),
    ...(language.trim() === '' ? {} : { language: language.trim() }),
  };
  return { ...said, query, continuing };
}
