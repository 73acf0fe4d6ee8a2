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
export function readSearch(text: string): { recording: string } | PersonalTerms | null {
  const wanted = text.trim();
  if (wanted === '') return null;
  if (/^rec_[0-9a-hjkmnp-tv-z]{26}$/.test(wanted)) return { recording: wanted };
  if (/^\d{4}$/.test(wanted)) return { number_end: wanted };
  return { ticket: wanted };
}
