// What the activity page narrows the log by. In the address stands only what names nobody.
import { dayStart } from '../../i18n/days.ts';

export const SPANS = ['all', 'day', 'week', 'month'] as const;
export type Span = (typeof SPANS)[number];

/** Groups of actions, as the API takes them: actions, or their first words. */
export const GROUPS = {
  listening: 'session.opened,session.ended',
  access: 'access.requested,access.approved,access.denied,access.cancelled,access.expired,grant',
  refused: 'content,access.denied,sign_in.refused,api_key.refused',
  recordings: 'recording,deposit,tombstone,comment',
  people: 'person,service,api_key,sign_in,passkey,people',
  keys: 'key,tenant',
  reading: 'catalogue,log,access.read,people.read,api_key.read,session.read,comment.read,activity',
} as const;
export type Group = keyof typeof GROUPS;

/** The part of the filter that stands in the address. */
export type ActivitySearch = { readonly span?: Exclude<Span, 'all'>; readonly group?: Group };

/** The part that names somebody, or a recording of somebody. */
export type Named = { readonly person: string | null; readonly recording: string | null };

/** What an address says; what makes no sense is left out. */
export function readActivitySearch(search: Record<string, unknown>): ActivitySearch {
  const span = SPANS.find((one) => one === search['span']);
  const group = (Object.keys(GROUPS) as Group[]).find((one) => one === search['group']);
  return {
    ...(span === undefined || span === 'all' ? {} : { span }),
    ...(group === undefined ? {} : { group }),
  };
}

/** The same as the API is asked. Days begin where the tenant is. */
export function queryOf({ span, group }: ActivitySearch, { person, recording }: Named, now: number, timeZone: string) {
  const days = { day: 0, week: 6, month: 29 };
  return {
    from: span === undefined ? null : dayStart(now, timeZone, days[span]),
    action: group === undefined ? null : GROUPS[group],
    person,
    recording,
  };
}

/** Whether events may be missing between those that are shown. */
export function isNarrowed({ group }: ActivitySearch, { person, recording }: Named): boolean {
  return group !== undefined || person !== null || recording !== null;
}
