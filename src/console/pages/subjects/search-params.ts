// The filter of the list of subject requests, which is in the address.
import type { State } from '../../subjects/types.ts';

export const STATES: readonly State[] = ['open', 'searched', 'proposed', 'doing', 'answered', 'refused'];

/** `state` is the name of another filter, of recordings. */
export type SubjectsSearch = { readonly only?: State };

/** The filter from an address; an invalid value is dropped. */
export function readSubjectsSearch(search: Record<string, unknown>): SubjectsSearch {
  const only = STATES.find((one) => one === search['only']);
  return only === undefined ? {} : { only };
}
