// Filters of the activity page. The address keeps only those that identify no person.
import type { AuditAction, EventArea } from '../../../../model/log/event-catalogue.ts';
import { dayStart } from '../../../i18n/days.ts';

export const SPANS = ['all', 'day', 'week', 'month'] as const;
export type Span = (typeof SPANS)[number];

/** Groups of actions as the API takes them: actions, or their first words. Every action is in at least one. */
const GROUPS = {
  listening: ['session.opened', 'grant.extended', 'session.ended'],
  decisions: ['access.approved', 'access.denied', 'access.assigned', 'grant.revoked', 'batch.withdrawn'],
  requests: [
    ...(['access.requested', 'access.cancelled', 'access.expired', 'grant.expired'] as const),
    ...(['grant.done', 'grant.returned', 'batch.closed'] as const),
  ],
  refused: ['content', 'sign_in.refused', 'api_key.refused', 'authority.refused', 'search.limited'],
  recordings: [
    ...([
      'recording.created',
      'recording.listed',
      'recording.missing',
      'recording.amended',
      'recording.reencrypted',
    ] as const),
    ...(['recording.erasing', 'recording.erased', 'consent', 'notice'] as const),
    ...(['recording.restricted', 'recording.unrestricted'] as const),
    ...([
      'recording.quarantined',
      'recording.row_differs',
      'recording.released',
      'deposit',
      'amendment',
      'tombstone',
      'expiry',
    ] as const),
    'hold',
    'subject',
    'certificate',
    ...(['comment.added', 'comment.changed', 'comment.removed', 'comment.filed'] as const),
  ],
  people: ['person', 'service', 'operator', 'api_key.created', 'api_key.revoked', 'sign_in', 'passkey', 'proof'],
  changes: [
    ...(['change.proposed', 'change.signed', 'change.approved', 'change.refused', 'change.withdrawn'] as const),
    ...(['change.expired', 'change.applied', 'tenant.changed', 'team.changed', 'policy.changed'] as const),
    'retention',
  ],
  keys: [
    ...(['key.used', 'key.rotated', 'key.rewrapped', 'key.reported', 'key.retired'] as const),
    ...(['ingest_key', 'clock'] as const),
    ...(['tenant', 'policy', 'vault', 'doctor', 'authority.adopted', 'log.adopted', 'log.restored', 'signer'] as const),
  ],
  reading: [
    ...([
      'recording.read',
      'recording.searched',
      'catalogue',
      'log.read',
      'exposure',
      'activity',
      'access.read',
    ] as const),
    ...(['people.read', 'api_key.read', 'key.read', 'session.read', 'comment.read', 'change.read'] as const),
  ],
} as const satisfies Readonly<Record<string, readonly (AuditAction | EventArea)[]>>;
export type Group = keyof typeof GROUPS;

type Named = (typeof GROUPS)[Group][number];
type InNoGroup = Exclude<AuditAction, Named | `${Extract<Named, EventArea>}.${string}`>;
// Where an action is in no group, the compiler names it here.
true satisfies [InNoGroup] extends [never] ? true : InNoGroup;

/** All groups, in the order of the menu. */
export const GROUP_NAMES = Object.keys(GROUPS) as readonly Group[];

/** Default groups: who listened, and who allowed it. */
const DEFAULT_GROUPS: readonly Group[] = ['listening', 'decisions'];

/** Group names in old addresses, and their replacements. */
const LEGACY_GROUPS: ReadonlyMap<string, readonly Group[]> = new Map([['access', ['requests', 'decisions']]]);

/**
 * The part of the filter in the address. `group`: names separated by commas, `all`, or absent for the default groups.
 */
export type ActivitySearch = { readonly span?: Exclude<Span, 'all'>; readonly group?: string };

/** The part that identifies a person or a recording. */
export type SubjectFilter = { readonly person: string | null; readonly recording: string | null };

/** Filter from an address; invalid values are dropped. */
export function readActivitySearch(search: Record<string, unknown>): ActivitySearch {
  const span = SPANS.find((one) => one === search['span']);
  const group = readGroup(search['group']);
  return {
    ...(span === undefined || span === 'all' ? {} : { span }),
    ...(group === undefined ? {} : { group }),
  };
}

function readGroup(text: unknown): string | undefined {
  if (typeof text !== 'string') return undefined;
  if (text === 'all') return text;
  const names = text.split(',').flatMap((name): readonly string[] => LEGACY_GROUPS.get(name) ?? [name]);
  return groupParam(GROUP_NAMES.filter((one) => names.includes(one)));
}

/** Groups as the address has them: undefined for the default groups and for none, `all` for all of them. */
function groupParam(groups: readonly Group[]): string | undefined {
  if (groups.length === 0 || groups.join() === DEFAULT_GROUPS.join()) return undefined;
  return groups.length === GROUP_NAMES.length ? 'all' : groups.join();
}

/** The shown groups; null for all events. */
export function groupsOf({ group }: ActivitySearch): readonly Group[] | null {
  if (group === 'all') return null;
  return group === undefined ? DEFAULT_GROUPS : GROUP_NAMES.filter((one) => group.split(',').includes(one));
}

/** The filter with all events shown. */
export function withAll(search: ActivitySearch): ActivitySearch {
  return { ...search, group: 'all' };
}

/**
 * The filter with a group toggled. From all events it selects this group only; removing the last group selects all
 * events.
 */
export function withToggled(search: ActivitySearch, group: Group): ActivitySearch {
  const on = groupsOf(search) ?? [];
  const next = GROUP_NAMES.filter((one) => (one === group ? !on.includes(one) : on.includes(one)));
  if (next.length === 0) return withAll(search);
  const { group: _, ...rest } = search;
  return readActivitySearch({ ...rest, group: groupParam(next) });
}

/** The filter as a query of the API. Days begin at midnight in the tenant's zone. */
export function activityQueryOf(
  search: ActivitySearch,
  { person, recording }: SubjectFilter,
  now: number,
  timeZone: string,
) {
  const days = { day: 0, week: 6, month: 29 };
  const groups = groupsOf(search);
  return {
    from: search.span === undefined ? null : dayStart(now, timeZone, days[search.span]),
    action: groups === null ? null : groups.flatMap((group): readonly string[] => GROUPS[group]).join(),
    person,
    recording,
  };
}

/** Whether events may be missing between the shown ones. */
export function isNarrowed(search: ActivitySearch, { person, recording }: SubjectFilter): boolean {
  return groupsOf(search) !== null || person !== null || recording !== null;
}
