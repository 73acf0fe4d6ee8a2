// What a log says of rows: of people, credentials, requests, grants, policies and teams, which give access, and of what keeps
// recordings: retention rules, notices, withdrawals, legal holds. And of ingest keys, which files are sealed to.
// Long because it lists what each event makes of the rows.
import type { AuditAction } from './event-catalogue.ts';
import type { Leaf, LeafValue } from './leaf.ts';

/** The kinds of rows that the log can be compared with. */
export const LOGGED_KINDS = [
  ...(['tenant', 'principal', 'api_key', 'sign_in', 'sign_in_link', 'passkey'] as const),
  ...(['policy', 'access_request', 'decision', 'access_grant', 'session', 'batch', 'change', 'team'] as const),
  ...(['retention', 'notice', 'withdrawal', 'hold', 'ingest_key'] as const),
] as const;
export type LoggedKind = (typeof LOGGED_KINDS)[number];

/** Facts of a row by name. Those that the log does not say are absent. */
export type RowFacts = Readonly<Record<string, string>>;

/**
 * A row as the log says it is. `seq`: the last event about it. `isBroughtBack`: that event was reinserted after a loss,
 * and the row may be lacking, or give less.
 */
export type LoggedRow = { readonly facts: RowFacts; readonly seq: number; readonly isBroughtBack: boolean };

export type RowsByLog = {
  /** Takes each event of the log in order. */
  readonly add: (leaf: Leaf) => void;
  /** The rows of a kind by id. Of what ends only what is live; of people, API keys and ingest keys all. */
  readonly of: (kind: LoggedKind) => ReadonlyMap<string, LoggedRow>;
  /** Whether the log has had every row of a kind since the tenant was created. */
  readonly isComplete: (kind: LoggedKind) => boolean;
  /** Whether it names the policy that the tenant began with: logs of older versions do not. */
  readonly namesFirstPolicy: () => boolean;
};

type Rows = Map<string, LoggedRow>;

/** The kinds whose rows end: with a restored log, none of them is live. */
const ENDING: readonly LoggedKind[] = [
  ...(['sign_in', 'sign_in_link', 'access_request', 'decision', 'access_grant', 'session', 'batch', 'change'] as const),
];

/** The kinds whose rows a replay of the tenant's entries brings back without an event of each: those that were lost with the log. */
const REPLAYED: readonly LoggedKind[] = ['notice', 'withdrawal'];

/** Follows a tenant's log, and gives the rows that it leads to. Events with another outcome than `ok` change nothing. */
export function rowsByLog(): RowsByLog {
  return followed(STEPS, false);
}

/**
 * The same of the deployment's log, and only its own people, passkeys, links and sign-ins. `leaf`: the index of the event
 * that created the row.
 */
export function peopleByLog(): RowsByLog {
  const { add, ...others } = followed(STEPS_OF_PEOPLE, true);
  return { ...others, add: (leaf) => (leaf.object['tenant'] === undefined ? add(leaf) : undefined) };
}

function followed(steps: Steps, isWhole: boolean): RowsByLog {
  const rows = new Map<LoggedKind, Rows>(LOGGED_KINDS.map((kind) => [kind, new Map()]));
  let [complete, begins, hasFirstPolicy, isReplayed] = [isWhole, isWhole, false, false];
  const of = (kind: LoggedKind): Rows => rows.get(kind) ?? new Map();

  const add = (leaf: Leaf): void => {
    if (leaf.outcome !== 'ok') return;
    if (leaf.action === 'tenant.created') complete = true;
    else if (leaf.action === 'tenant.rebuilt') complete = false;
    if (BEGINNINGS.has(leaf.action)) begins = true;
    if (BEGINNINGS.has(leaf.action)) hasFirstPolicy = leaf.object['sha256'] !== undefined;
    if (leaf.action === 'amendment.replayed' && leaf.object['type'] === 'tenant') isReplayed = true;
    if (leaf.action === 'log.restored') bringBack(rows, Number(leaf.object['from']), leaf.seq);
    steps[leaf.action as AuditAction]?.(leaf, {
      set: (kind, id, facts) => void of(kind).set(id, { facts, seq: leaf.seq, isBroughtBack: false }),
      change: (kind, id, facts) => {
        const row = of(kind).get(id);
        if (row === undefined) return;
        of(kind).set(id, { ...row, facts: { ...row.facts, ...facts }, seq: leaf.seq });
      },
      end: (kind, id) => void of(kind).delete(id),
      of,
    });
  };
  const isComplete = (kind: LoggedKind): boolean => {
    // Also in a rebuilt tenant each ingest key has its event.
    if (kind === 'ingest_key') return begins;
    return complete && !(isReplayed && REPLAYED.includes(kind));
  };
  return { add, of, isComplete, namesFirstPolicy: () => hasFirstPolicy };
}

/**
 * Rows whose last event is from this index on were lost with their events; the log has only the events again. Open links
 * are withdrawn, all of them, without an event.
 */
function bringBack(rows: ReadonlyMap<LoggedKind, Rows>, from: number, to: number): void {
  rows.get('sign_in_link')?.clear();
  for (const [kind, some] of rows) {
    for (const [id, row] of some) {
      if (row.seq < from || row.seq >= to) continue;
      if (ENDING.includes(kind)) some.delete(id);
      else some.set(id, { ...row, isBroughtBack: true });
    }
  }
}

type Step = {
  readonly set: (kind: LoggedKind, id: string, facts: RowFacts) => void;
  /** Changes facts of a row that the log knows. */
  readonly change: (kind: LoggedKind, id: string, facts: RowFacts) => void;
  readonly end: (kind: LoggedKind, id: string) => void;
  readonly of: (kind: LoggedKind) => Rows;
};
type Stepper = (leaf: Leaf, step: Step) => void;
type Steps = { readonly [Action in AuditAction]?: Stepper | undefined };

const ends =
  (kind: LoggedKind): Stepper =>
  ({ object }, { end }) =>
    end(kind, object.id);

const ACTIVE = { state: 'ACTIVE' } as const;
const CURRENT = { state: 'CURRENT' } as const;
const OLD = { state: 'OLD' } as const;

const BEGINNINGS: ReadonlySet<string> = new Set<AuditAction>(['tenant.created', 'tenant.rebuilt']);

/** A request ends with the approvals that it had. */
const endsRequest: Stepper = ({ object }, { of, end }) => {
  end('access_request', object.id);
  for (const id of of('decision').keys()) if (id.startsWith(`${object.id} `)) end('decision', id);
};

const STEPS: Steps = {
  'tenant.created': ({ object }, { set }) => {
    set('tenant', object.id, ACTIVE);
    setFirstPolicy(object, set);
    for (const [name, id] of Object.entries(object)) {
      const [, kind] = /^(admin|approver)(?:_\d+)?$/.exec(name) ?? [];
      if (kind !== undefined) set('principal', String(id), ACTIVE);
    }
  },
  'tenant.rebuilt': ({ object }, { set }) => {
    set('tenant', object.id, ACTIVE);
    setFirstPolicy(object, set);
  },
  'tenant.suspended': ({ object }, { set }) => set('tenant', object.id, { state: 'SUSPENDED' }),
  'tenant.resumed': ({ object }, { set }) => set('tenant', object.id, ACTIVE),
  'person.added': ({ object, ts }, { set }) =>
    set('principal', object.id, { ...ACTIVE, ...standing(object), ...(approves(object) ? { since: ts } : {}) }),
  'service.added': ({ object }, { set }) => set('principal', object.id, { ...ACTIVE, ...standing(object) }),
  // The roles of a person who is deactivated can be changed, and stay without effect until the person is back.
  'person.changed': ({ object, ts }, { set, of }) => {
    const before = of('principal').get(object.id)?.facts ?? {};
    const isBack = object['back'] !== undefined;
    const became = approves(object) && (isBack || (before['roles'] !== undefined && !approves(before)));
    const since = became ? { since: ts } : only(before, ['since']);
    const state = isBack ? 'ACTIVE' : (before['state'] ?? 'ACTIVE');
    set('principal', object.id, { state, ...standing(object), ...since });
  },
  'person.off': ({ object }, { set, end, of }) => {
    set('principal', object.id, { ...of('principal').get(object.id)?.facts, state: 'OFF' });
    endLinks(object.id, of, end);
  },
  'api_key.created': ({ object }, { set }) => set('api_key', object.id, { ...ACTIVE, ...only(object, KEY) }),
  'api_key.revoked': ({ object }, { set, of }) =>
    set('api_key', object.id, { ...of('api_key').get(object.id)?.facts, state: 'REVOKED' }),
  // A new link withdraws the person's others.
  'sign_in.link_made': ({ object }, { set, end, of }) => {
    endLinks(String(object['principal']), of, end);
    set('sign_in_link', object.id, only(object, LINK));
  },
  'sign_in.opened': ({ object, actor }, { set, end }) => {
    if (object['link'] !== undefined) end('sign_in_link', String(object['link']));
    set('sign_in', object.id, { principal: actor.id, ...only(object, ['ends', 'method', 'sha256']) });
  },
  'sign_in.ended': ends('sign_in'),
  'passkey.added': ({ object }, { set }) => set('passkey', object.id, only(object, ['principal', 'sha256'])),
  'passkey.removed': ends('passkey'),
  'policy.changed': ({ object }, { set, of }) => {
    // The first version has no event: the second one names it.
    const from = String(object['from']);
    if (!of('policy').has(from)) set('policy', from, {});
    set('policy', object.id, only(object, ['sha256']));
  },
  'access.requested': ({ object, actor }, { set }) =>
    set('access_request', object.id, { person: actor.id, ...only(object, ASKED) }),
  'access.denied': endsRequest,
  'access.cancelled': endsRequest,
  'access.expired': endsRequest,
  'access.approved': (leaf, step) => {
    const { object, actor } = leaf;
    const { set, of } = step;
    const grant = object['grant'];
    if (grant === undefined) {
      set('decision', decisionId(object.id, actor.id), {
        decision: 'approve',
        ...only(object, ['minutes', 'objects']),
      });
      return;
    }
    const { person, purpose } = of('access_request').get(object.id)?.facts ?? {};
    endsRequest(leaf, step);
    set('access_grant', String(grant), {
      ...{ source: object.id, ...only(object, ['recording', 'objects', 'expires', 'uses']) },
      ...(person === undefined || purpose === undefined ? {} : { person, purpose }),
    });
  },
  'access.assigned': ({ object, actor }, { set }) => {
    set('batch', String(object['batch']), { person: actor.id });
    set('access_grant', object.id, {
      ...{ source: String(object['batch']) },
      ...(object['opens_until'] === undefined ? {} : { expires: String(object['opens_until']) }),
      ...only(object, ['recording', 'objects', 'person', 'purpose', 'uses']),
    });
  },
  'batch.withdrawn': ends('batch'),
  'batch.closed': ends('batch'),
  'grant.extended': ({ object }, { change, of }) => {
    const moved = { expires: String(object['expires']) };
    change('access_grant', object.id, moved);
    for (const [id, { facts }] of of('session'))
      if (facts['grant'] === object.id) change('session', id, { ends: moved.expires });
  },
  'grant.revoked': ends('access_grant'),
  'grant.expired': ends('access_grant'),
  'grant.done': ends('access_grant'),
  'grant.returned': ends('access_grant'),
  'session.opened': ({ object, actor }, { set, change, of }) => {
    // The row of a session for copies names the change in the place of a grant.
    const { grant: source = object['change'] } = object;
    const on = source === undefined ? {} : { grant: String(source) };
    set('session', object.id, { person: actor.id, ...on, ...only(object, ['recording', 'ends']) });
    const grant = String(object['grant']);
    const uses = of('access_grant').get(grant)?.facts['uses'];
    // The first listen starts the grant's clock; the others end with it.
    change('access_grant', grant, {
      expires: String(object['ends']),
      ...(uses === undefined ? {} : { uses: String(Number(uses) - 1) }),
    });
  },
  'session.ended': ends('session'),
  'change.proposed': ({ object, actor }, { set }) =>
    set('change', object.id, { state: 'OPEN', person: actor.id, ...only(object, ['kind', 'expires']) }),
  // What a release does follows in batches; every other change is done with its approval.
  'change.approved': ({ object }, { change, end }) => {
    if (object['kind'] === 'release') change('change', object.id, { state: 'APPROVED' });
    else end('change', object.id);
  },
  'change.applied': ends('change'),
  'change.refused': ends('change'),
  'change.withdrawn': ends('change'),
  'change.expired': ends('change'),
  'team.changed': ({ object }, { set }) =>
    set('team', object.id, only(object, ['members', 'queues', 'parts', 'sha256'])),
  // The newest version is the one in force.
  'retention.changed': ({ object }, { set, change, of }) => {
    for (const id of of('retention').keys()) change('retention', id, { in_force: 'no' });
    set('retention', object.id, { in_force: 'yes', ...only(object, ['sha256']) });
  },
  'notice.added': ({ object }, { set }) =>
    set('notice', noticeId(object.id, object['version'], object['language']), {}),
  'consent.withdrawn': ({ object }, { set }) =>
    set('withdrawal', object.id, { purposes: String(object['purposes'] ?? ''), ...only(object, ['at']) }),
  'hold.placed': ({ object }, { set }) => set('hold', object.id, { lifted: 'no' }),
  'hold.lifted': ({ object }, { change }) => {
    if (object['recordings'] === undefined) change('hold', object.id, { lifted: 'yes' });
  },
  'ingest_key.created': ({ object }, { set, of }) => {
    const keys = of('ingest_key');
    const { replaces } = object;
    if (replaces !== undefined) set('ingest_key', String(replaces), { ...keys.get(String(replaces))?.facts, ...OLD });
    // One that came back from the store is current only where it is the newest.
    const isBehind = object['how'] === 'restored' && replaces === undefined && hasOtherCurrent(keys, object.id);
    set('ingest_key', object.id, { ...(isBehind ? OLD : CURRENT), ...only(object, ['public']) });
  },
  'ingest_key.retired': ({ object }, { set, of }) =>
    set('ingest_key', object.id, { ...of('ingest_key').get(object.id)?.facts, state: 'RETIRED' }),
  // Events about the hold may be lost. Its entries are compared elsewhere.
  'amendment.replayed': ({ object }, { set }) => {
    if (object['type'] === 'hold') set('hold', object.id, {});
  },
};

/** A creation whose row names its event. */
const named =
  (stepper: Stepper | undefined): Stepper =>
  (leaf, step) =>
    stepper?.(leaf, { ...step, set: (kind, id, facts) => step.set(kind, id, { ...facts, leaf: String(leaf.seq) }) });

const STEPS_OF_PEOPLE: Steps = {
  'operator.added': named(({ object }, { set }) =>
    set('principal', object.id, { ...ACTIVE, ...only(object, ['roles', 'code']) }),
  ),
  'person.off': STEPS['person.off'],
  'sign_in.link_made': named(STEPS['sign_in.link_made']),
  'sign_in.opened': named(STEPS['sign_in.opened']),
  'sign_in.ended': STEPS['sign_in.ended'],
  'passkey.added': named(STEPS['passkey.added']),
  'passkey.removed': STEPS['passkey.removed'],
};

type Members = Readonly<Record<string, LeafValue>>;

/** The name of an approval among several: its request and the approver. */
export function decisionId(request: string, approver: string): string {
  return `${request} ${approver}`;
}

/** The name of a notice's text: its version in one language. */
export function noticeId(id: string, version: LeafValue | undefined, language: LeafValue | undefined): string {
  return `${id}/${version}/${language}`;
}

function setFirstPolicy(object: Members, set: Step['set']): void {
  const { policy, sha256 } = object;
  if (policy !== undefined && sha256 !== undefined) set('policy', String(policy), { sha256: String(sha256) });
}

const KEY = ['principal', 'scopes', 'expires'] as const;
const LINK = ['principal', 'expires', 'sha256'] as const;
const ASKED = ['recording', 'purpose', 'objects', 'minutes'] as const;

/** Whether the log names another current key that has a row: one that only came back with the log has none. */
function hasOtherCurrent(keys: Rows, id: string): boolean {
  return [...keys].some(
    ([other, { facts, isBroughtBack }]) => other !== id && facts['state'] === 'CURRENT' && !isBroughtBack,
  );
}

/** Those of these members that an event has. */
function only(object: Members, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => (object[name] === undefined ? [] : [[name, String(object[name])]])),
  );
}

/** Whether these roles approve: their holder's age counts from when they got them. */
function approves(object: Members): boolean {
  return String(object['roles']).split(',').includes('supervisor');
}

/** Roles, and the day until which the training counts: an event without it says that none is recorded. */
function standing(object: Members): RowFacts {
  return { roles: String(object['roles']), trained_until: String(object['trained_until'] ?? '') };
}

function endLinks(person: string, of: Step['of'], end: Step['end']): void {
  for (const [id, { facts }] of of('sign_in_link')) if (facts['principal'] === person) end('sign_in_link', id);
}
