// What was searched for that may name a person: numbers, agents, tickets. It lives here and in no address.
import { createStore } from '../state/store.ts';

export type PersonalTerms = {
  readonly number?: string;
  readonly number_end?: string;
  readonly agent?: string;
  readonly queue?: string;
  readonly ticket?: string;
};

export const personalTerms = createStore<PersonalTerms>({});

/** What a text in the search box asks for: a recording by its id, a number, a number's last four, or a ticket. */
export type SearchTarget =
  | { readonly recording: string }
  | { readonly number: string }
  | { readonly number_end: string }
  | { readonly ticket: string };

/** A number written out: seven digits or more. Fewer may be a ticket. */
const NUMBER = /^(?:\+|[().\s-])*\d(?:[().\s/-]*\d){6,}[().\s-]*$/;
/** A number of which only the end is known: four digits, or masked as lists show it. */
const NUMBER_END = /^(?:(?=.*[+*•…])[+*•…\d\s()./-]*)?\d{4}$/;

/** What a text in the search box is taken for; null where there is none. */
export function parseSearch(text: string): SearchTarget | null {
  const wanted = text.trim();
  if (wanted === '') return null;
  if (/^rec_[0-9a-hjkmnp-tv-z]{26}$/.test(wanted)) return { recording: wanted };
  const plain = wanted.normalize('NFKC');
  if (NUMBER.test(plain)) return { number: plain };
  if (NUMBER_END.test(plain)) return { number_end: plain.slice(-4) };
  return { ticket: wanted };
}
