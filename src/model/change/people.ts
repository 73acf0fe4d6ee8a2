// A change of people: whom it adds, and whose roles, training or state it changes, planned row by row.
import { isId } from '../../bytes/ids.ts';
import type { FieldError } from '../../errors.ts';
import { isTrainingDay, type Principal, type Role, type RolesFault, rolesFault, sortedRoles } from '../principal.ts';
import { isVisibleLine } from '../visible-text.ts';

/** What a change can set of a person. `trained_until` is a day; null: no training is recorded. */
export type PersonState = {
  readonly state: 'active' | 'off';
  readonly roles: readonly Role[];
  readonly trained_until: string | null;
};

/** A person to add: the id is fixed by the proposal. */
export type PersonToAdd = {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly trained_until?: string;
};

/** An existing person before and after. */
export type PersonToChange = { readonly id: string; readonly from: PersonState; readonly to: PersonState };

/** People to add, and people to change; absent in changes that an older version proposed. */
export type PeopleBody = {
  readonly v: 1;
  readonly kind: 'people';
  readonly add: readonly PersonToAdd[];
  readonly change?: readonly PersonToChange[];
};

/** Maximum number of people in one change. */
export const MAX_PEOPLE = 200;
/** Maximum length of a name, in UTF-16 code units. */
export const MAX_PERSON_NAME = 200;

/** A row of what is wanted: a person to add, by name, or one of the tenant, by id. Absent members stay unchanged. */
export type WantedPerson = WantedNewPerson | WantedPersonChange;
export type WantedNewPerson = {
  readonly name: string;
  readonly roles: readonly string[];
  readonly trained_until?: string | null | undefined;
};
export type WantedPersonChange = {
  readonly id: string;
  readonly roles?: readonly string[] | undefined;
  readonly trained_until?: string | null | undefined;
  /** Brings back a person who was deactivated: then the roles are needed. */
  readonly state?: 'active' | undefined;
};

/** Why a row is not possible. */
export type RowFaultCode =
  | RolesFault['code']
  | ('name_invalid' | 'day_invalid' | 'person_unknown' | 'person_off' | 'roles_missing' | 'repeated' | 'unchanged');

/** A fault of a row: which member, by what code, and why. */
export type RowFault = {
  readonly row: number;
  readonly member: 'id' | 'name' | 'roles' | 'trained_until';
  readonly code: RowFaultCode;
  readonly detail: string;
};

/** A row as it is planned; null where it has a fault. */
export type PlannedRow = { readonly add: Omit<PersonToAdd, 'id'> } | { readonly change: PersonToChange };

/** The rows as planned, in their order, and the faults. */
export type PeoplePlan = { readonly rows: readonly (PlannedRow | null)[]; readonly faults: readonly RowFault[] };

/** The ids of existing people that rows name. */
export function idsIn(wanted: readonly WantedPerson[]): string[] {
  return [...new Set(wanted.flatMap((one) => ('id' in one && isId(one.id, 'usr') ? [one.id] : [])))];
}

/** The people whom a change changes. */
export function changedIn(body: PeopleBody): readonly PersonToChange[] {
  return body.change ?? [];
}

/** What a change can set, as a person's row has it. */
export function personStateOf({ state, roles, trainedUntil }: Principal): PersonState {
  return { state: state === 'ACTIVE' ? 'active' : 'off', roles, trained_until: trainedUntil };
}

/** Plans each row against the tenant's people that were found, each by its id. */
export function planPeople(wanted: readonly WantedPerson[], found: ReadonlyMap<string, Principal>): PeoplePlan {
  const seen = new Set<string>();
  const faults: RowFault[] = [];
  const rows = wanted.map((one, row) => {
    const before = faults.length;
    const fault = (member: RowFault['member'], code: RowFaultCode, detail: string): void => {
      faults.push({ row, member, code, detail });
    };
    if (one.trained_until !== undefined && one.trained_until !== null && !isTrainingDay(one.trained_until))
      fault('trained_until', 'day_invalid', 'must be a day, such as 2027-03-31');
    const planned = 'id' in one ? planChange(one, found.get(one.id), seen, fault) : planNew(one, fault);
    return faults.length === before ? planned : null;
  });
  return { rows, faults };
}

type Fault = (member: RowFault['member'], code: RowFaultCode, detail: string) => void;

function planNew({ name, roles, trained_until: until }: WantedNewPerson, fault: Fault): PlannedRow | null {
  if (!isPersonName(name)) fault('name', 'name_invalid', `must have 1 to ${MAX_PERSON_NAME} characters, all visible`);
  const wrong = rolesFault('person', roles);
  if (wrong !== null) fault('roles', wrong.code, wrong.detail);
  const training = until === undefined || until === null ? {} : { trained_until: until };
  return { add: { name, roles: sortedRoles(roles), ...training } };
}

function planChange(
  one: WantedPersonChange,
  person: Principal | undefined,
  seen: Set<string>,
  fault: Fault,
): PlannedRow | null {
  if (person?.kind !== 'person') {
    fault('id', 'person_unknown', 'must be the id of a person of this tenant');
    return null;
  }
  if (seen.has(one.id)) fault('id', 'repeated', 'is in another row of this change');
  seen.add(one.id);
  const from = personStateOf(person);
  if (from.state === 'off' && one.state === undefined)
    fault('id', 'person_off', 'is deactivated: set `state` to `active` to bring the person back');
  // A deactivated person's row has no MAC: what it says of roles does not count.
  if (from.state === 'off' && one.roles === undefined)
    fault('roles', 'roles_missing', 'are needed to bring a person back');
  const wrong = one.roles === undefined ? null : rolesFault('person', one.roles);
  if (wrong !== null) fault('roles', wrong.code, wrong.detail);
  const kept = from.state === 'off' ? null : from.trained_until;
  const to: PersonState = {
    state: 'active',
    roles: one.roles === undefined ? from.roles : sortedRoles(one.roles),
    trained_until: one.trained_until === undefined ? kept : one.trained_until,
  };
  if (JSON.stringify(from) === JSON.stringify(to))
    fault('id', 'unchanged', 'has these roles and this training already');
  return { change: { id: one.id, from, to } };
}

/** Whether a text can be a person's name: not too long, one line, and no invisible characters. */
export function isPersonName(name: string): boolean {
  return name.length <= MAX_PERSON_NAME && isVisibleLine(name);
}

/** The faults as errors of the members of a proposal. */
export function fieldErrorsOf(faults: readonly RowFault[]): FieldError[] {
  return faults.map(({ row, member, detail }) => ({ pointer: `/people/${row}/${member}`, detail }));
}
