// Search terms that may identify a person: numbers, names, ids, fields. Kept in memory only, in no address.
import { createStore } from '../state/store.ts';

export type PersonalTerms = {
  readonly number?: string;
  readonly number_end?: string;
  readonly agent?: string;
  readonly queue?: string;
  readonly ticket?: string;
  readonly call_id?: string;
  readonly interaction?: string;
  /** Values of fields that the tenant searches by, by name. */
  readonly fields?: Readonly<Record<string, string>>;
};

/** Terms with one text each. */
export type TextTerm = Exclude<keyof PersonalTerms, 'fields'>;

export const personalTerms = createStore<PersonalTerms>({});

/** These terms with others added or replaced; an empty text removes a term. */
export function mergeTerms(
  { fields: before, ...rest }: PersonalTerms,
  { fields, ...texts }: PersonalTerms,
): PersonalTerms {
  const named = withoutEmpty({ ...before, ...fields });
  return { ...withoutEmpty({ ...rest, ...texts }), ...(Object.keys(named).length === 0 ? {} : { fields: named }) };
}

function withoutEmpty(texts: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== ''));
}

/** Meaning of a text in the search box. */
export type SearchTarget =
  | { readonly recording: string }
  | { readonly number: string }
  | { readonly number_end: string }
  | { readonly ticket: string }
  | { readonly call_id: string }
  | { readonly interaction: string }
  | { readonly fields: Readonly<Record<string, string>> };

/** A full number: seven digits or more. Fewer may be a ticket. */
const NUMBER = /^(?:\+|[().\s-])*\d(?:[().\s/-]*\d){6,}[().\s-]*$/;
/** End of a number: four digits, or masked as lists show it. */
const NUMBER_END = /^(?:(?=.*[+*•…])[+*•…\d\s()./-]*)?\d{4}$/;

/** A UUID: the call id of most platforms. */
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The likeliest meaning of the text in the search box; null for an empty one. */
export function parseSearch(text: string): SearchTarget | null {
  const wanted = text.trim();
  if (wanted === '') return null;
  if (/^rec_[0-9a-hjkmnp-tv-z]{26}$/.test(wanted)) return { recording: wanted };
  const plain = wanted.normalize('NFKC');
  if (NUMBER.test(plain)) return { number: plain };
  if (NUMBER_END.test(plain)) return { number_end: plain.slice(-4) };
  if (UUID.test(wanted)) return { call_id: wanted };
  return { ticket: wanted };
}

/** Other meanings of the text than the likeliest one, with the fields that the tenant searches by. */
export function otherMeanings(
  text: string,
  searchable: readonly string[],
): readonly Exclude<SearchTarget, { recording: string }>[] {
  const wanted = text.trim();
  const likeliest = parseSearch(text);
  if (likeliest === null || 'recording' in likeliest) return [];
  return [
    ...('ticket' in likeliest ? [] : [{ ticket: wanted }]),
    ...('call_id' in likeliest ? [] : [{ call_id: wanted }]),
    { interaction: wanted },
    ...searchable.map((name) => ({ fields: { [name]: wanted } })),
  ];
}
