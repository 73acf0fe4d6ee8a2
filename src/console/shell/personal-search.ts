// Search terms that may identify a person: numbers, agents, tickets. Kept in memory only, in no address.
import { createStore } from '../state/store.ts';

export type PersonalTerms = {
  readonly number?: string;
  readonly number_end?: string;
  readonly agent?: string;
  readonly queue?: string;
  readonly ticket?: string;
};

export const personalTerms = createStore<PersonalTerms>({});

/** Meaning of a text in the search box: a recording's id, a number, the last four digits of one, or a ticket. */
export type SearchTarget =
  | { readonly recording: string }
  | { readonly number: string }
  | { readonly number_end: string }
  | { readonly ticket: string };

/** A full number: seven digits or more. Fewer may be a ticket. */
const NUMBER = /^(?:\+|[().\s-])*\d(?:[().\s/-]*\d){6,}[().\s-]*$/;
/** End of a number: four digits, or masked as lists show it. */
const NUMBER_END = /^(?:(?=.*[+*•…])[+*•…\d\s()./-]*)?\d{4}$/;

/** Recognises the text in the search box; null for an empty one. */
export function parseSearch(text: string): SearchTarget | null {
  const wanted = text.trim();
  if (wanted === '') return null;
  if (/^rec_[0-9a-hjkmnp-tv-z]{26}$/.test(wanted)) return { recording: wanted };
  const plain = wanted.normalize('NFKC');
  if (NUMBER.test(plain)) return { number: plain };
  if (NUMBER_END.test(plain)) return { number_end: plain.slice(-4) };
  return { ticket: wanted };
}
