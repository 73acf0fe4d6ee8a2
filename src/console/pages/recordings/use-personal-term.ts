// One of the search terms that stay out of the address.

import { type PersonalTerms, personalTerms } from '../../shell/personal-search.ts';
import { useStore } from '../../state/store.ts';

/** The term, and how to set it; an empty text takes it away. */
export function usePersonalTerm(name: keyof PersonalTerms): readonly [string | undefined, (value: string) => void] {
  const { [name]: value } = useStore(personalTerms);
  const set = (text: string): void => {
    const { [name]: _, ...rest } = personalTerms.get();
    personalTerms.set(text === '' ? rest : { ...rest, [name]: text });
  };
  return [value, set];
}
