// What a log says so far of people, teams, changes and access: the memory of the oracle.
import type { Leaf } from '../../../src/model/log/leaf.ts';
import type { Policy, Purpose, PurposeRule } from '../../../src/model/policy.ts';

/** A team as a change makes it: queues by name, empty for calls without one. */
export type KnownTeam = {
  readonly name: string;
  readonly members: readonly { readonly id: string; readonly lead: boolean }[];
  readonly queues: readonly (string | null)[];
};

/** What was sent as a proposal: the log has only digests of it. */
export type Proposal =
  | { readonly kind: 'policy'; readonly policy: Policy }
  | { readonly kind: 'people'; readonly people: readonly WantedPerson[] }
  | { readonly kind: 'team'; readonly team: string | null; readonly to: KnownTeam };

export type WantedPerson = {
  readonly id?: string;
  readonly name?: string;
  readonly roles?: readonly string[];
  readonly trained_until?: string | null;
  readonly state?: 'active';
};

/** What a passkey was shown to sign, by whom and when. */
export type Signed = {
  readonly by: string;
  readonly at: number;
  readonly decisions: readonly SignedDecision[];
};

export type SignedDecision = {
  /** The request; of an assignment, its grant. */
  readonly request: string;
  readonly decision: string;
  /** Of an assignment. */
  readonly recording?: string;
  readonly person?: string;
  readonly minutes?: number;
  readonly objects?: readonly string[];
  readonly opens_until?: string;
};

/** What the log does not say and its clients know: they sent it. */
export type Known = {
  /** Bodies of policies, as the vault stores them. */
  readonly policies: Map<string, string>;
  readonly queues: Map<string, string>;
  readonly proposals: Map<string, Proposal>;
  readonly signed: Map<string, Signed>;
};

export type Person = {
  kind: string;
  roles: string[];
  owners: string[];
  /** Since when the person can approve; the account's age where that is as old. */
  since: number;
  first: boolean;
  off: boolean;
  trained: string | null;
  /** How often anything of the person changed. */
  version: number;
};

export type Team = { name: string; members: Map<string, boolean>; queues: Set<string>; version: number };

export type Change = {
  readonly proposer: string;
  readonly kind: string;
  readonly expires: number;
  /** What it builds on, as it was at the proposal. */
  readonly base: string;
  /** The digest of what was proposed to be done, and the lines of what was done. */
  readonly effects: string;
  readonly did: string[];
  /** What the proposer and the approver sign. */
  readonly challenge: string;
  isSigned: boolean;
  state: 'open' | 'approved' | 'closed';
  approver: string;
};

export type Asked = {
  readonly leaf: Leaf;
  readonly policy: Policy;
  readonly approvers: Set<string>;
  closed: boolean;
};

/** A grant as its approvals, or its assignment, made it. `extension`: in minutes. */
export type Grant = {
  readonly holder: string;
  readonly recording: string;
  readonly purpose: string;
  readonly minutes: number;
  readonly extension: number;
  readonly approvers: ReadonlySet<string>;
  readonly needed: number;
  /** Null for one of a request. */
  readonly batch: string | null;
  end: number;
  started: boolean;
  extended: boolean;
  over: 'ended' | 'finished' | null;
  /** Finished by returning it. */
  isReturned: boolean;
  uses: number;
  readonly most: number;
};

export type Session = {
  readonly grant: Grant;
  readonly person: string;
  readonly recording: string;
  readonly ends: number;
  over: boolean;
};

export type State = {
  readonly known: Known;
  readonly wrong: string[];
  readonly people: Map<string, Person>;
  readonly teams: Map<string, Team>;
  readonly changes: Map<string, Change>;
  /** Those that are not removed. */
  readonly passkeys: Map<string, { readonly principal: string; readonly key: string }>;
  readonly requests: Map<string, Asked>;
  readonly grants: Map<string, Grant>;
  readonly sessions: Map<string, Session>;
  readonly proofs: Set<string>;
  readonly erased: Set<string>;
  inForce: { readonly id: string; readonly policy: Policy } | null;
};

/** What follows one action of the log. */
export type Follow = Readonly<Record<string, (state: State, leaf: Leaf) => void>>;

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

export function newState(known: Known): State {
  return {
    ...{ known, wrong: [], people: new Map(), teams: new Map(), changes: new Map(), passkeys: new Map() },
    ...{ requests: new Map(), grants: new Map(), sessions: new Map(), proofs: new Set(), erased: new Set() },
    inForce: null,
  };
}

/** Notes what is wrong, in words, unless it holds. */
export function must({ wrong }: State, holds: boolean, what: string): void {
  if (!holds) wrong.push(what);
}

export function listOf(value: unknown): string[] {
  return value === undefined || value === '' ? [] : String(value).split(',');
}

export function humansOf({ people }: State, id: string): readonly string[] {
  const person = people.get(id);
  return person?.kind === 'service' ? person.owners : [id];
}

/** The rule of a purpose under the policy in force. */
export function ruleInForce({ inForce }: State, purpose: unknown): PurposeRule | undefined {
  return inForce?.policy.purposes[purpose as Purpose];
}

/** Whether a person has one of the roles that may listen for a purpose now. */
export function mayListen(state: State, id: string, purpose: unknown): boolean {
  const roles = state.people.get(id)?.roles ?? [];
  return ruleInForce(state, purpose)?.roles.some((role) => roles.includes(role)) === true;
}

/** Whether the training that a purpose requires counts at this time: a day ends everywhere at noon of the next in UTC. */
export function isTrained(state: State, id: string, purpose: unknown, at: number): boolean {
  if (ruleInForce(state, purpose)?.training !== true) return true;
  const until = state.people.get(id)?.trained ?? null;
  return until !== null && at < Date.parse(`${until}T12:00:00.000Z`) + 24 * HOUR;
}

function teamsOf({ teams }: State, person: string): Team[] {
  return [...teams.values()].filter(({ members }) => members.has(person));
}

function queueOf({ known }: State, recording: string): string {
  return known.queues.get(recording) ?? 'not known';
}

/** Whether a person sees a recording: by the policy, by a team of theirs, or because they asked for it. */
export function seesRecording(state: State, id: string, recording: string): boolean {
  const roles = state.people.get(id)?.roles ?? [];
  const limited = roles.includes('reviewer') || roles.includes('supervisor');
  if (state.inForce?.policy.scope !== 'team' || !limited) return true;
  const isAsked = ({ leaf }: Asked): boolean => leaf.actor.id === id && leaf.object['recording'] === recording;
  const isGranted = (grant: Grant): boolean => grant.holder === id && grant.recording === recording;
  return (
    hasQueue(state, id, recording) ||
    [...state.requests.values()].some(isAsked) ||
    [...state.grants.values()].some(isGranted)
  );
}

/** Whether a team of a person has the recording's queue. */
export function hasQueue(state: State, id: string, recording: string): boolean {
  const queue = queueOf(state, recording);
  return teamsOf(state, id).some(({ queues }) => queues.has(queue));
}

/** Whether a person leads a team with the recording's queue. */
export function leadsQueue(state: State, id: string, recording: string): boolean {
  const queue = queueOf(state, recording);
  return teamsOf(state, id).some(({ members, queues }) => members.get(id) === true && queues.has(queue));
}

/** Whether two principals share a team, by any human behind the second. */
export function shareTeam(state: State, id: string, other: string): boolean {
  const humans = humansOf(state, other);
  return teamsOf(state, id).some(({ members }) => humans.some((human) => members.has(human)));
}
