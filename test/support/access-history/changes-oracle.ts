// The oracle's part about people, teams and policies: who changes them, and that it takes two.
import { createHash } from 'node:crypto';
import type { Leaf } from '../../../src/model/log/leaf.ts';
import type { Policy } from '../../../src/model/policy.ts';
import { challengeOf, isSignedOver } from './signed-change.ts';
import { type Change, type Follow, type KnownTeam, listOf, must, type State, type Team } from './state.ts';

/** Of each kind: who proposes, and who approves. */
const ROLES: Readonly<Record<string, readonly [proposes: string, ...approve: string[]]>> = {
  people: ['admin', 'admin', 'privacy'],
  team: ['admin', 'admin', 'privacy'],
  policy: ['privacy', 'privacy', 'admin'],
};

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The SHA-256 of a team as canonical JSON. */
function digestOf({ name, members, queues }: KnownTeam): string {
  const sorted = [...members].sort((a, b) => (a.id < b.id ? -1 : 1));
  const inOrder = [...queues].sort((a, b) => (a === null ? -1 : b === null ? 1 : a < b ? -1 : 1));
  return sha256(JSON.stringify({ members: sorted.map(({ id, lead }) => ({ id, lead })), name, queues: inOrder }));
}

function knownTeam({ name, members, queues }: Team): KnownTeam {
  return {
    name,
    members: [...members].map(([id, lead]) => ({ id, lead })),
    queues: [...queues].map((queue) => (queue === '' ? null : queue)),
  };
}

/** The versions of what a change builds on. */
function baseOf(state: State, id: string): string {
  const proposal = state.known.proposals.get(id);
  const version = (person: string): string => `${person} ${state.people.get(person)?.version}`;
  if (proposal?.kind === 'policy') return String(state.inForce?.id);
  if (proposal?.kind === 'people') return proposal.people.map((one) => version(one.id ?? '')).join();
  if (proposal?.kind !== 'team') return 'unknown';
  const { team, to } = proposal;
  return [`${team} ${state.teams.get(team ?? '')?.version}`, ...to.members.map((one) => version(one.id))].join();
}

/** The change that an event names; null where one person, or the deployment, did it without. */
function changeOf(state: State, { object, action }: Leaf, kind: string): Change | null {
  if (object['change'] === undefined) return null;
  const change = state.changes.get(String(object['change'])) ?? null;
  must(state, change?.state === 'approved' && change.kind === kind, `${kind} changed without an approved change`);
  change?.did.push(`${action} ${object.id} ${String(object['roles'] ?? object['sha256'])}\n`);
  return change;
}

const propose = (state: State, leaf: Leaf): void => {
  const { object, actor } = leaf;
  const kind = String(object['kind']);
  const roles = state.people.get(actor.id)?.roles ?? [];
  must(state, roles.includes(ROLES[kind]?.[0] ?? ''), 'a change proposed by another role');
  const made = { proposer: actor.id, kind, expires: Date.parse(String(object['expires'])) };
  const effects = String(object['effects']);
  state.changes.set(object.id, {
    ...made,
    base: baseOf(state, object.id),
    state: 'open',
    approver: '',
    effects,
    did: [],
    challenge: challengeOf(leaf),
    isSigned: false,
  });
};

/** Whether the actor's passkey signed the proposal. */
function hasSigned(state: State, leaf: Leaf, { challenge }: Change): boolean {
  const own = [...state.passkeys.values()].filter(({ principal }) => principal === leaf.actor.id);
  return isSignedOver(
    leaf,
    challenge,
    own.map(({ key }) => key),
  );
}

const sign = (state: State, leaf: Leaf): void => {
  const change = state.changes.get(leaf.object.id);
  const isOwn = change?.proposer === leaf.actor.id && change.state === 'open' && hasSigned(state, leaf, change);
  must(state, isOwn, 'a change signed without the passkey of its proposer');
  if (change !== undefined) change.isSigned = true;
};

const approve = (state: State, leaf: Leaf): void => {
  const { object, actor, ts } = leaf;
  const at = Date.parse(ts);
  const change = state.changes.get(object.id);
  const by = state.people.get(actor.id);
  if (change === undefined || by === undefined) return void must(state, false, 'a change by or of someone unknown');
  const { kind } = change;
  const [, ...approvers] = ROLES[kind] ?? [''];
  must(state, change.state === 'open', 'a change approved after it was decided');
  must(state, actor.id !== change.proposer, `a change of kind ${kind} by one person`);
  must(state, by.kind === 'person' && !by.off, 'a change approved by no active person');
  must(
    state,
    approvers.some((role) => by.roles.includes(role)),
    'a change approved by another role',
  );
  must(state, at < change.expires, 'a change approved after it expired');
  must(state, baseOf(state, object.id) === change.base, 'a change approved on what had changed');
  must(state, change.isSigned, 'a change approved that its proposer did not sign');
  must(state, hasSigned(state, leaf, change), 'a change approved without a passkey');
  const proposal = state.known.proposals.get(object.id);
  const own = proposal?.kind === 'people' && proposal.people.some(({ id }) => id === actor.id);
  must(state, !own, 'a row approved by its own person');
  Object.assign(change, { state: 'approved', approver: actor.id });
};

const apply = (state: State, leaf: Leaf): void => {
  const { did, effects } = state.changes.get(leaf.object.id) ?? {};
  must(state, did !== undefined && sha256(did.sort().join('')) === effects, 'a change that did something else');
  close(state, leaf);
};

const close = (state: State, { object }: Leaf): void => {
  Object.assign(state.changes.get(object.id) ?? {}, { state: 'closed' });
};

const add = (state: State, leaf: Leaf): void => {
  const { object, ts, action, actor } = leaf;
  const change = changeOf(state, leaf, 'people');
  must(state, change !== null || actor.type === 'operator', 'a person added by one person');
  const kind = action === 'service.added' ? 'service' : 'person';
  const trained = object['trained_until'] === undefined ? null : String(object['trained_until']);
  const [roles, owners, since] = [listOf(object['roles']), listOf(object['owners']), Date.parse(ts)];
  state.people.set(object.id, { kind, roles, owners, since, first: false, off: false, trained, version: 1 });
};

const changePerson = (state: State, leaf: Leaf): void => {
  const { object, actor, ts } = leaf;
  const person = state.people.get(object.id);
  if (person === undefined) return void must(state, false, 'a change of someone unknown');
  const roles = listOf(object['roles']);
  const trained = object['trained_until'] === undefined ? null : String(object['trained_until']);
  const isBack = object['back'] !== undefined;
  if (changeOf(state, leaf, 'people') === null) {
    const admin = state.people.get(actor.id)?.roles.includes('admin') === true;
    must(state, admin, 'roles removed by another role');
    const less = !isBack && roles.every((role) => person.roles.includes(role)) && trained === person.trained;
    must(state, less, 'more than removed by one person');
  } else {
    const proposal = state.known.proposals.get(String(object['change']));
    const row = proposal?.kind === 'people' ? proposal.people.find(({ id }) => id === object.id) : undefined;
    const wanted = [...(row?.roles ?? person.roles)].sort().join();
    must(state, row !== undefined && wanted === roles.join(), 'a person changed to what was not proposed');
  }
  must(state, isBack === person.off, 'a person brought back who was not off, or changed who was');
  const isNew = roles.includes('supervisor') && (isBack || !person.roles.includes('supervisor'));
  if (isNew || isBack) Object.assign(person, { since: Date.parse(ts), first: false });
  Object.assign(person, { roles, trained, off: false, version: person.version + 1 });
};

/** What a deactivated person holds has ended for good, also where they are brought back. */
const turnOff = (state: State, { object }: Leaf): void => {
  const person = state.people.get(object.id);
  if (person !== undefined) Object.assign(person, { off: true, version: person.version + 1 });
  for (const grant of state.grants.values()) if (grant.holder === object.id) grant.over = 'ended';
  for (const session of state.sessions.values()) if (session.person === object.id) session.over = true;
  for (const asked of state.requests.values()) if (asked.leaf.actor.id === object.id) asked.closed = true;
};

const changePolicy = (state: State, leaf: Leaf): void => {
  const { object } = leaf;
  const body = state.known.policies.get(object.id) ?? '{}';
  must(state, sha256(body) === object['sha256'], 'a policy other than its event says');
  must(state, object['from'] === state.inForce?.id, 'a policy that does not follow the one in force');
  must(state, changeOf(state, leaf, 'policy') !== null, 'a policy by one person');
  state.inForce = { id: object.id, policy: JSON.parse(body) as Policy };
};

const changeTeam = (state: State, leaf: Leaf): void => {
  const { object, actor } = leaf;
  const team = state.teams.get(object.id);
  if (changeOf(state, leaf, 'team') === null) {
    const admin = state.people.get(actor.id)?.roles.includes('admin') === true;
    must(state, admin, 'a team changed by one person of another role');
    if (team === undefined) return void must(state, false, 'a team made by one person');
    const who = String(object['removed']);
    const led = team.members.get(who) === true;
    team.members.set(who, false);
    if (!led || digestOf(knownTeam(team)) !== object['sha256']) {
      team.members.delete(who);
      const apart = Object.values(state.inForce?.policy.purposes ?? {}).some(({ otherTeam }) => otherTeam);
      must(state, !apart, 'a member taken out by one person where approvers must be of another team');
    }
    team.version++;
  } else {
    const proposal = state.known.proposals.get(String(object['change']));
    if (proposal?.kind !== 'team') return void must(state, false, 'a team that was not proposed');
    const { name, members, queues } = proposal.to;
    const made = { name, members: new Map(members.map(({ id, lead }) => [id, lead])) };
    const version = (team?.version ?? 0) + 1;
    state.teams.set(object.id, { ...made, queues: new Set(queues.map((queue) => queue ?? '')), version });
  }
  const now = state.teams.get(object.id);
  must(state, now !== undefined && digestOf(knownTeam(now)) === object['sha256'], 'a team other than its event says');
};

const create = (state: State, { object, ts }: Leaf): void => {
  for (const [name, id] of Object.entries(object)) {
    const roles = name === 'admin' ? ['admin'] : /^approver_\d+$/.test(name) ? ['supervisor'] : null;
    if (roles === null) continue;
    const rest = { kind: 'person', owners: [], since: Date.parse(ts), off: false, trained: null, version: 1 };
    state.people.set(String(id), { ...rest, roles, first: true });
  }
  const [first] = [...state.known.policies];
  if (first !== undefined) state.inForce = { id: first[0], policy: JSON.parse(first[1]) as Policy };
};

const addPasskey = (state: State, { object }: Leaf): void => {
  state.passkeys.set(object.id, { principal: String(object['principal']), key: String(object['key']) });
};

const removePasskey = (state: State, { object }: Leaf): void => {
  state.passkeys.delete(object.id);
};

export const CHANGES: Follow = {
  'tenant.created': create,
  'person.added': add,
  'service.added': add,
  'person.changed': changePerson,
  'person.off': turnOff,
  'passkey.added': addPasskey,
  'passkey.removed': removePasskey,
  'change.proposed': propose,
  'change.signed': sign,
  'change.approved': approve,
  'change.applied': apply,
  'change.refused': close,
  'change.withdrawn': close,
  'change.expired': close,
  'policy.changed': changePolicy,
  'team.changed': changeTeam,
};
