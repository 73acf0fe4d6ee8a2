// Order of people and keys, search by name, and the teams of each person.
import type { ApiKeyBody, PersonBody, TeamViewBody } from '../../../http/reply-types.ts';

const DAY_MS = 86_400_000;
/** Keys that expire within this many days show a warning. */
const WARNING_DAYS = 14;

/** People whose name contains the text; all for an empty text. People before services, deactivated ones last. */
export function findPeople(people: readonly PersonBody[], text: string, language: string): PersonBody[] {
  const wanted = text.trim().toLocaleLowerCase(language);
  const rank = ({ state, kind }: PersonBody): number => (state === 'off' ? 2 : kind === 'service' ? 1 : 0);
  return people
    .filter(({ name }) => wanted === '' || (name ?? '').toLocaleLowerCase(language).includes(wanted))
    .sort((a, b) => rank(a) - rank(b) || (a.name ?? a.id).localeCompare(b.name ?? b.id, language));
}

/** A team of a person, and whether they lead it. */
export type Membership = Pick<TeamViewBody, 'id' | 'name'> & { readonly lead: boolean };

/** The teams of each person, by the person's id. */
export function teamsByPerson(teams: readonly TeamViewBody[]): Map<string, Membership[]> {
  const found = new Map<string, Membership[]>();
  for (const { id, name, members } of teams)
    for (const { id: person, lead } of members) found.set(person, [...(found.get(person) ?? []), { id, name, lead }]);
  return found;
}

/** Whether a day of training has ended in every time zone. */
export function hasExpired(day: string, now: number): boolean {
  return now >= Date.parse(`${day}T00:00:00Z`) + 1.5 * DAY_MS;
}

/** Active keys first, ordered by expiry; then the others, newest first. */
export function sortApiKeys(keys: readonly ApiKeyBody[]): ApiKeyBody[] {
  const isActive = ({ state }: ApiKeyBody): boolean => state === 'active';
  const soonest = keys.filter(isActive).sort((a, b) => a.expires.localeCompare(b.expires));
  return [...soonest, ...keys.filter((key) => !isActive(key))];
}

/** Days until a key expires, if they are few; null for many, and for an expired key. */
export function daysUntilExpiry({ state, expires }: Pick<ApiKeyBody, 'state' | 'expires'>, now: number): number | null {
  const days = Math.ceil((Date.parse(expires) - now) / DAY_MS);
  return state === 'active' && days <= WARNING_DAYS && days > 0 ? days : null;
}
