// Filters of the people page that are in the address. The text is not: it is a name.
import type { PersonBody } from '../../../http/reply-types.ts';
import { PERSON_ROLES } from './roles-fault.ts';
import { hasExpired } from './sort.ts';

export const PEOPLE_STATES = ['active', 'off'] as const;
export const TRAINING_FILTERS = ['expired', 'expiring'] as const;

export type PeopleSearch = {
  readonly role?: (typeof PERSON_ROLES)[number];
  readonly account?: (typeof PEOPLE_STATES)[number];
  readonly training?: (typeof TRAINING_FILTERS)[number];
};

/** Training that ends within this many days is expiring. */
export const EXPIRING_DAYS = 30;
const DAY_MS = 86_400_000;

/** Filters from an address; invalid values are dropped. */
export function readPeopleSearch(search: Record<string, unknown>): PeopleSearch {
  const role = PERSON_ROLES.find((one) => one === search['role']);
  const account = PEOPLE_STATES.find((one) => one === search['account']);
  const training = TRAINING_FILTERS.find((one) => one === search['training']);
  return {
    ...(role === undefined ? {} : { role }),
    ...(account === undefined ? {} : { account }),
    ...(training === undefined ? {} : { training }),
  };
}

/** Whether a person or service matches the filters at a time. A deactivated person has no roles and no training that count. */
export function matchesFilters(person: PersonBody, { role, account, training }: PeopleSearch, now: number): boolean {
  if (account !== undefined && person.state !== account) return false;
  if (role !== undefined && !(person.state === 'active' && person.roles.includes(role))) return false;
  return training === undefined || trainingOf(person, now) === training;
}

function trainingOf({ kind, state, trained_until: until }: PersonBody, now: number): PeopleSearch['training'] {
  if (kind === 'service' || state === 'off' || until === null) return undefined;
  if (hasExpired(until, now)) return 'expired';
  return hasExpired(until, now + EXPIRING_DAYS * DAY_MS) ? 'expiring' : undefined;
}
