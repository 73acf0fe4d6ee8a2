// Whether an event is as the catalogue has it, as it is written: what the types hold at compile time, looked at again.
import type { NewEvent } from '../../src/model/audit-event.ts';
import { detailMembersOf, eventSpec, type Member, membersOf, subjectsOf } from '../../src/model/log/event-catalogue.ts';

/** How an event differs from the catalogue; nothing where it does not. */
export function misfits({ action, log, object, detail }: NewEvent): string[] {
  const members = membersOf(action);
  const { type, id: _, ...rest } = object;
  const found: string[] = [];
  if (!subjectsOf(action).includes(type)) found.push(`${action}: is about ${type}`);
  for (const [name, value] of Object.entries(rest)) {
    const member = members.find((one) => matches(one, name));
    if (member === undefined) found.push(`${action}: has ${name}`);
    else if (!isOf(member, value)) found.push(`${action}: ${name} is ${value}`);
  }
  for (const { name, optional } of members) {
    if (!optional && !(name in rest)) found.push(`${action}: lacks ${name}`);
  }
  const sealed = detailMembersOf(action);
  if (detail !== undefined && sealed.length === 0) found.push(`${action}: has a detail`);
  if (detail === undefined && sealed.some(({ optional }) => !optional)) found.push(`${action}: lacks its detail`);
  const goes = eventSpec(action).log;
  if (goes === 'deployment' && log !== 'deployment') found.push(`${action}: in the log of a tenant`);
  if (goes === 'tenant' && log === 'deployment') found.push(`${action}: in the deployment’s log`);
  return found;
}

function matches({ name }: Member, given: string): boolean {
  return (
    name === given ||
    (name.endsWith('#') && /^\d+$/.test(given.slice(name.length - 1)) && given.startsWith(name.slice(0, -1)))
  );
}

const NUMBERS: readonly unknown[] = ['number', 'seconds', 'milliseconds'];
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

function isOf({ kind }: Member, value: string | number): boolean {
  if (typeof kind !== 'string') return kind.includes(String(value));
  if (NUMBERS.includes(kind)) return Number.isInteger(value);
  if (typeof value !== 'string') return false;
  if (kind === 'time') return TIME.test(value);
  if (kind === 'base64') return /^[A-Za-z0-9+/]+={0,2}$/.test(value);
  return kind !== 'sha256' || /^[0-9a-f]{64}$/.test(value);
}
