// An import of people from CSV: what each line would do, and the rows of the one change that does it.
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import {
  idsIn,
  MAX_PEOPLE,
  type PersonState,
  personStateOf,
  planPeople,
  type RowFault,
  type WantedPerson,
} from '../../model/change/people.ts';
import { type CsvLine, readPeopleCsv } from '../../model/change/people-csv.ts';
import type { Caller, Principal } from '../../model/principal.ts';
import { requireAuthentic } from '../core/authority/authority-rows.ts';
import { countEvent } from '../core/events/count-events.ts';
import { actorOf } from '../core/events/events.ts';
import { tryOpenName } from '../core/personal/names.ts';
import type { RequestContext } from '../core/request-context.ts';
import { activeTenantAndKey } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';

/** A fault of a line. Besides those of rows: the name is not that of the id, is a person's already, or is in another line. */
export type ImportFault = {
  readonly member: RowFault['member'];
  readonly code: RowFault['code'] | 'name_differs' | 'name_known' | 'name_repeated';
};

/** What a line would do; null where it has a fault. `from` and `to` are the person before and after. */
export type ImportLine = {
  readonly line: number;
  readonly id: string | null;
  readonly name: string;
  readonly does: 'add' | 'change' | 'nothing' | null;
  readonly from: PersonState | null;
  readonly to: PersonState | null;
  readonly faults: readonly ImportFault[];
};

/** The lines, and the rows of a change of those that do something; empty where any line has a fault. */
export type PeopleImport = { readonly lines: readonly ImportLine[]; readonly people: readonly WantedPerson[] };

type Deps = Pick<Vault, 'db' | 'clock' | 'metadataKeys'>;

/**
 * Plans an import of people into the caller's tenant; nothing is stored. Throws `malformed` for a text that is no such
 * table, or changes more people than one change can, and `integrity`.
 */
export async function previewImport(
  vault: Deps,
  by: Caller,
  csv: string,
  request: RequestContext,
): Promise<PeopleImport> {
  const object = { id: by.tenant };
  await countEvent(vault, { tenant: by.tenant, actor: actorOf(by), action: 'people.read', object }, request);
  return planImport(vault, by.tenant, csv, request);
}

/** The same for an operator at the command line. */
export async function planImport(
  vault: Pick<Vault, 'db' | 'metadataKeys'>,
  tenant: string,
  csv: string,
  request: RequestContext,
): Promise<PeopleImport> {
  const lines = readPeopleCsv(csv);
  const { metadataKey } = await activeTenantAndKey(vault, tenant, request);
  const principals = await vault.db.read((rows) => rows.principals.all(tenant), request);
  const planned = linesOf(lines, metadataKey, principals);
  const doing = lines.filter((_, n) => ['add', 'change'].includes(planned[n]?.does ?? ''));
  if (doing.length > MAX_PEOPLE)
    throw new VaultError(
      'malformed',
      `the table adds or changes ${doing.length} people: a change has at most ${MAX_PEOPLE}`,
    );
  const faulty = planned.some(({ faults }) => faults.length > 0);
  return { lines: planned, people: faulty ? [] : doing.map(({ wanted }) => wanted) };
}

function linesOf(lines: readonly CsvLine[], metadataKey: SecretKey, principals: readonly Principal[]): ImportLine[] {
  const found = new Map(principals.map((one) => [one.id, one]));
  const rows = lines.map(({ wanted }) => wanted);
  const named = new Set(idsIn(rows));
  for (const one of principals) if (named.has(one.id)) requireAuthentic(metadataKey, 'principal', one);
  const names = new Map(principals.map((one) => [one.id, tryOpenName(metadataKey, one)]));
  const active = principals.filter(({ kind, state }) => kind === 'person' && state === 'ACTIVE');
  const known = new Set(active.map(({ id }) => names.get(id)));
  const plan = planPeople(rows, found);
  const seen = new Set<string>();
  return lines.map(({ line, name, wanted }, n) => {
    const id = 'id' in wanted ? wanted.id : null;
    const ofRow = plan.faults.filter(({ row }) => row === n);
    const faults: ImportFault[] = ofRow
      .filter(({ code }) => code !== 'unchanged')
      .map(({ member, code }) => ({ member, code }));
    if (id === null) {
      if (known.has(name)) faults.push({ member: 'name', code: 'name_known' });
      if (seen.has(name) && name !== '') faults.push({ member: 'name', code: 'name_repeated' });
      seen.add(name);
    } else if (name !== '' && found.has(id) && names.get(id) !== name) {
      // Cells that moved by a line would give one person another's roles.
      faults.push({ member: 'name', code: 'name_differs' });
    }
    const row = plan.rows[n] ?? null;
    const person = id === null ? undefined : found.get(id);
    const shown = { line, id, name: id === null ? name : (names.get(id) ?? name) };
    if (faults.length > 0) return { ...shown, does: null, from: null, to: null, faults };
    if (row === null) {
      const same = person === undefined ? null : personStateOf(person);
      return { ...shown, does: 'nothing', from: same, to: same, faults };
    }
    if ('change' in row) return { ...shown, does: 'change', from: row.change.from, to: row.change.to, faults };
    const to: PersonState = { state: 'active', roles: row.add.roles, trained_until: row.add.trained_until ?? null };
    return { ...shown, does: 'add', from: null, to, faults };
  });
}
