// In which order people and keys are read, and who is found by a name.
import type { ApiKeyBody, PersonBody } from '../../../http/reply-types.ts';

const DAY_MS = 86_400_000;
/** From so many days on an end is worth a warning. */
const WARNING_DAYS = 14;

/** Those whose name has this in it; without a text all of them. People before services, who are off last. */
export function findPeople(people: readonly PersonBody[], text: string, language: string): PersonBody[] {
  const wanted = text.trim().toLocaleLowerCase(language);
  const rank = ({ state, kind }: PersonBody): number => (state === 'off' ? 2 : kind === 'service' ? 1 : 0);
  return people
    .filter(({ name }) => wanted === '' || (name ?? '').toLocaleLowerCase(language).includes(wanted))
    .sort((a, b) => rank(a) - rank(b) || (a.name ?? a.id).localeCompare(b.name ?? b.id, language));
}

/** Keys that open something first, those that end soonest first of them; then the others, newest first. */
export function sortApiKeys(keys: readonly ApiKeyBody[]): ApiKeyBody[] {
  const isActive = ({ state }: ApiKeyBody): boolean => state === 'active';
  const soonest = keys.filter(isActive).sort((a, b) => a.expires.localeCompare(b.expires));
  return [...soonest, ...keys.filter((key) => !isActive(key))];
}

/** How many days a key has left, where that is few; null for many, and for one that is over. */
export function daysUntilExpiry({ state, expires }: Pick<ApiKeyBody, 'state' | 'expires'>, now: number): number | null {
  const days = Math.ceil((Date.parse(expires) - now) / DAY_MS);
  return state === 'active' && days <= WARNING_DAYS && days > 0 ? days : null;
}
