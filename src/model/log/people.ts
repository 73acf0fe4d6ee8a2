// The part of the log's check that follows people, services and operators: who exists, their roles, and since when.
import { mayFollow } from './after-off.ts';
import { type At, correctedTo, GRACE_MS } from './at.ts';
import type { AuditAction } from './event-catalogue.ts';
import { type Leaf, listed } from './leaf.ts';

/** A person or service as the log knows it. `roles` is null where no event said them. */
type Person = {
  roles: ReadonlySet<string> | null;
  /** The last day of their training; empty for none. */
  trained: string;
  /** Since when a supervisor, in milliseconds; null where the log does not say it. */
  since: number | null;
  /** Named with the tenant, and a supervisor since: such a person skips the account's age. */
  first: boolean;
  owners: ReadonlySet<string>;
  /** When they were deactivated. */
  off: string | null;
  /** Whether an event added them, and not only the tenant's creation. */
  added: boolean;
  /** When they first had a passkey. */
  passkeySince: string | null;
  /** An operator's staff code, by which commands name them; null where the event of an older version does not say it. */
  code: string | null;
};

/** The passkeys of an operator: their keys in base64, from when and until when. */
export type PasskeySpan = { readonly key: string; since: string; until: string | null };

/** Operators, as the check of the deployment's log knows them. */
export type Operators = {
  readonly find: (id: string) => Pick<Readonly<Person>, 'off' | 'code' | 'roles'> | null;
  readonly passkeys: (id: string) => readonly PasskeySpan[];
  /** Whether one other than `id`, an id or a staff code, had a passkey by then. */
  readonly other: (id: string, by: string) => boolean;
  /** Whether any had a passkey by then, in milliseconds. */
  readonly hadPasskey: (by: number) => boolean;
};

export type People = {
  /** Checks who acts, and learns from the event. */
  readonly check: (at: At) => void;
  readonly learn: (at: At) => void;
  readonly find: (id: string) => Readonly<Person> | null;
  /** Whether two principals have a human in common: a person, or the owners of a service. */
  readonly share: (one: string, other: string) => boolean;
  /** Whether a person has one of these roles; true where the log does not say them. */
  readonly hasRole: (id: string, ...roles: readonly string[]) => boolean;
  readonly isTooNew: (id: string, now: number, hours: number) => boolean;
  /** Whether a person with this role ever had a passkey. */
  readonly someWithPasskey: (role: string) => boolean;
  readonly operators: Operators;
};

const NONE: ReadonlySet<string> = new Set();

/** What only an operator's command does, after which the check asks for less. */
const BY_OPERATORS: ReadonlySet<string> = new Set<AuditAction>(['log.restored', 'vault.rebuilt', 'tenant.rebuilt']);

/** The people of a log. `deployment`: the operators of the other log, where the caller checked it before. */
export function peopleOf(name: string, deployment: Operators | undefined): People {
  const people = new Map<string, Person>();
  const spans = new Map<string, PasskeySpan[]>();
  const keys = new Map<string, string>();
  const isDeployment = name.endsWith('/deployment');
  /** Only a log with its tenant's creation has everyone, or one that begins with its rebuild, which has no people; the deployment's has its operators from its beginning. */
  let complete = isDeployment;
  /** Whether the tenant's beginning was in the log: it comes once. */
  let began = false;

  const operators: Operators = {
    find: (id) => people.get(id) ?? null,
    passkeys: (id) => spans.get(id) ?? [],
    other: (id, by) =>
      [...people].some(
        ([other, one]) => other !== id && one.code !== id && isOperator(one) && hadBy(one, Date.parse(by)),
      ),
    hadPasskey: (by) => [...people.values()].some((one) => isOperator(one) && hadBy(one, by)),
  };

  const blank = (): Person => ({
    ...{ roles: null, trained: '', since: null, first: false, owners: NONE },
    ...{ off: null, added: false, passkeySince: null, code: null },
  });
  const personOf = (id: string): Person => {
    const known = people.get(id) ?? blank();
    people.set(id, known);
    return known;
  };

  const checkOperator = ({ leaf, isNew, find, note }: At): void => {
    const { actor, ts } = leaf;
    const known = isDeployment ? operators : deployment;
    const operator = known?.find(actor.id) ?? null;
    // A staff code has no underscore.
    if (isNew && actor.auth === 'cli' && actor.id.includes('_')) find('actor_unknown');
    else if (actor.auth === 'cli') note('self_declared');
    else if (known === undefined) note('operator_unchecked');
    else if (operator === null) find('actor_unknown');
    else if (operator.off !== null && operator.off < ts) find('actor_off');
  };

  const check = (at: At): void => {
    const { actor } = at.leaf;
    const person = people.get(actor.id);
    if (at.isNew && actor.type !== 'operator' && BY_OPERATORS.has(at.leaf.action)) at.find('actor_unknown');
    if (actor.type === 'operator') checkOperator(at);
    else if (actor.type === 'system') return;
    // A tenant's admin who deactivates is in both logs; only the tenant's knows them.
    else if (isDeployment && at.leaf.object['tenant'] !== undefined) return;
    else if (person === undefined && complete) {
      at.find('actor_unknown');
      // Once an actor.
      people.set(actor.id, blank());
    } else if (person?.off && !mayFollow(at, Date.parse(person.off))) at.find('actor_off');
  };

  const nameFirst = ({ leaf: { object }, now }: At): void => {
    for (const [member, id] of Object.entries(object)) {
      const [, kind] = /^(admin|privacy|approver)(?:_\d+)?$/.exec(member) ?? [];
      if (kind === undefined) continue;
      const person = personOf(String(id));
      // One person may be several.
      const roles = kind === 'approver' ? ['reviewer', 'supervisor'] : [kind];
      person.roles = new Set([...(person.roles ?? []), ...roles]);
      person.first = true;
      person.since = now;
    }
  };

  /** The tenant's beginning names its first people, once; a rebuilt one has none. */
  const begin = (at: At): void => {
    const { action, object, seq } = at.leaf;
    if (!name.endsWith(`/${object.id}`)) return;
    const isCreated = action === 'tenant.created';
    if (isCreated && began) at.find('repeated');
    else if (isCreated) {
      complete = true;
      nameFirst(at);
    } else if (seq === 0) complete = true;
    began = true;
  };

  const add = ({ leaf, now, isNew, find }: At): void => {
    const { action, object, actor } = leaf;
    const known = people.get(object.id);
    const isOfType = object.id.startsWith(action === 'service.added' ? 'svc_' : 'usr_');
    // No event adds those who were named with the tenant, nor anyone twice.
    const isKnown = known?.added === true || (isNew && known !== undefined && known.roles !== null);
    if (isNew && !isOfType) find('form');
    else if (isKnown) find('repeated');
    if (isKnown || (isNew && !isOfType)) return;
    const owners = [...listed(object['owners']), ...(isOwner(leaf) ? [actor.id] : [])];
    people.set(object.id, {
      ...(known ?? blank()),
      ...{ roles: new Set(listed(object['roles'])), owners: new Set(owners), added: true, since: now },
      ...{ first: known?.first === true || (!isNew && object['first'] !== undefined), off: null },
      trained: String(object['trained_until'] ?? ''),
      // Once events have codes, a person without one is no command's operator.
      code: object['code'] === undefined ? (isNew ? '' : null) : String(object['code']),
    });
  };

  const change = ({ leaf: { object }, now }: At): void => {
    const person = personOf(object.id);
    const roles = new Set(listed(object['roles']));
    if (person.roles === null || (roles.has('supervisor') && !person.roles.has('supervisor'))) person.since = now;
    if (!roles.has('supervisor')) person.first = false;
    person.roles = roles;
    person.trained = String(object['trained_until'] ?? '');
    // Who was deactivated may be brought back, by two people.
    if (object['back'] !== undefined) person.off = null;
  };

  const own = ({ leaf: { object, actor } }: At): void => {
    const id = String(object['principal']);
    if (!id.startsWith('svc_') || actor.type !== 'person') return;
    const service = personOf(id);
    service.owners = new Set([...service.owners, actor.id]);
  };

  const addPasskey = ({ leaf: { object, ts } }: At): void => {
    const id = String(object['principal']);
    const person = people.get(id);
    if (person !== undefined) person.passkeySince ??= ts;
    if (!isDeployment || object['key'] === undefined) return;
    spans.set(id, [...(spans.get(id) ?? []), { key: String(object['key']), since: ts, until: null }]);
    keys.set(object.id, String(object['key']));
  };

  const removePasskey = ({ leaf: { object, ts } }: At): void => {
    const key = keys.get(object.id);
    for (const span of spans.get(String(object['principal'])) ?? [])
      if (span.key === key && span.until === null) span.until = ts;
  };

  const correct = (at: At): void => {
    const to = correctedTo(at);
    if (to === null) return;
    const { ts } = at.leaf;
    for (const person of people.values()) {
      if (person.since !== null) person.since = Math.min(person.since, to);
      if (person.off !== null && person.off > ts) person.off = ts;
      if (person.passkeySince !== null && person.passkeySince > ts) person.passkeySince = ts;
    }
    for (const span of [...spans.values()].flat()) {
      if (span.since > ts) span.since = ts;
      if (span.until !== null && span.until > ts) span.until = ts;
    }
  };

  const learn = new Map<string, (at: At) => void>([
    ['tenant.created', begin],
    ['tenant.rebuilt', begin],
    ['person.added', add],
    ['service.added', add],
    ['operator.added', add],
    ['person.changed', change],
    [
      'person.off',
      ({ leaf }) => {
        const person = people.get(leaf.object.id);
        if (person !== undefined) person.off = leaf.ts;
      },
    ],
    ['api_key.created', own],
    ['passkey.added', addPasskey],
    ['passkey.removed', removePasskey],
    ['clock.corrected', correct],
  ]);

  const humansOf = (id: string): ReadonlySet<string> => new Set([id, ...(people.get(id)?.owners ?? [])]);
  return {
    check,
    learn: (at) => learn.get(at.leaf.action)?.(at),
    operators,
    find: (id) => people.get(id) ?? null,
    share: (one, other) => {
      const others = humansOf(other);
      return [...humansOf(one)].some((id) => others.has(id));
    },
    hasRole: (id, ...roles) => {
      const known = people.get(id)?.roles;
      return known === null || known === undefined || roles.some((role) => known.has(role));
    },
    isTooNew: (id, now, hours) => {
      const person = people.get(id);
      if (person === undefined || person.first || person.since === null) return false;
      return now + GRACE_MS - person.since < hours * 3_600_000;
    },
    someWithPasskey: (role) =>
      [...people.values()].some(({ passkeySince, roles }) => passkeySince !== null && roles?.has(role) === true),
  };
}

function isOperator({ roles }: Person): boolean {
  return roles?.has('operator') === true;
}

function hadBy({ passkeySince }: Person, time: number): boolean {
  return passkeySince !== null && Date.parse(passkeySince) <= time;
}

function isOwner({ action, actor }: Leaf): boolean {
  return action === 'service.added' && actor.type === 'person';
}
