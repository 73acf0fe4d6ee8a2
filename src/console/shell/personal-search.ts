// What was searched for that may name a person: numbers, agents, tickets. It lives here and in no address.
import { createStore } from '../components/store.ts';

export type PersonalTerms = {
  readonly number_end?: string;
  readonly agent?: string;
  readonly queue?: string;
  readonly ticket?: string;
};

export const personalTerms = createStore<PersonalTerms>({});

/** What a text in the search box asks for: a recording by its id, a number's last four, or a ticket. */
export type Wanted = { readonly recording: string } | { readonly number_end: string } | { readonly ticket: string };

/** A number as it is written out, or masked as lists show it; without one of these marks digits may be a ticket. */
const NUMBER = /^(?=.*[+*•…])[+*•…\d\s()./-]*\d{4}$/;

/** What a text in the search box is taken for; null where there is none. */
export function readSearch(text: string): Wanted | null {
  const wanted = text.trim();
  if (wanted === '') return null;
  if (/^rec_[0-9a-hjkmnp-tv-z]{26}$/.test(wanted)) return { recording: wanted };
  if (/^\d{4}$/.test(wanted) || NUMBER.test(wanted)) return { number_end: wanted.slice(-4) };
  return { ticket: wanted };
}
