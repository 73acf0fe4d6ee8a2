// Steps of a history about changes of people, teams and the policy, by two and by one.
import type { Policy, PurposeRule } from '../../../src/model/policy.ts';
import { at, late, type Step } from './access-steps.ts';
import { browserOf, type Driver, policyInForce, type Someone, send, stepUp } from './driver.ts';
import type { KnownTeam, Proposal, WantedPerson } from './state.ts';

/** A change that waits for a decision. */
export type Proposed = Driver['changes'][number];

async function propose(
  driver: Driver,
  by: Someone | undefined,
  json: object,
  what: Proposal,
  isSigned: boolean,
): Promise<Proposed | null> {
  const browser = await browserOf(driver, by);
  if (browser === null || by === undefined) return null;
  const made = await send(
    driver,
    browser,
    '/v1/changes',
    { kind: what.kind, note: 'as it should be', ...json },
    what.kind,
  );
  if (made === null) return null;
  const proposed = { id: String(made['id']), kind: what.kind, by };
  if (isSigned)
    await send(driver, browser, `/v1/changes/${proposed.id}/sign`, await signed(driver, proposed, by), what.kind);
  driver.oracle.known.proposals.set(proposed.id, what);
  driver.changes.push(proposed);
  return proposed;
}

export async function proposePolicy(
  driver: Driver,
  by: Someone | undefined,
  next: (policy: Policy) => Policy,
  isSigned = true,
): Promise<Proposed | null> {
  const { id: base, policy: before } = await policyInForce(driver);
  const policy = next(before);
  return propose(driver, by, { base, policy }, { kind: 'policy', policy }, isSigned);
}

export function proposePeople(
  driver: Driver,
  by: Someone | undefined,
  people: readonly WantedPerson[],
  isSigned = true,
) {
  return propose(driver, by, { people }, { kind: 'people', people }, isSigned);
}

/** `team`: null for a new one. */
export function proposeTeam(
  driver: Driver,
  by: Someone | undefined,
  team: string | null,
  to: KnownTeam,
  isSigned = true,
) {
  const { name, queues } = to;
  const [members, leads] = [to.members.map(({ id }) => id), to.members.filter(({ lead }) => lead).map(({ id }) => id)];
  const json = { ...(team === null ? {} : { team }), name, members, leads, queues };
  return propose(driver, by, json, { kind: 'team', team, to }, isSigned);
}

/** What changes asked passkeys to sign, by id: it does not expire, and a client may keep it. */
const kept = new Map<string, object>();

/** A passkey's signature of a change, also of one that was decided since; none where it could never be signed. */
async function signed(driver: Driver, { id, kind }: Pick<Proposed, 'id' | 'kind'>, by: Someone): Promise<object> {
  const browser = await browserOf(driver, by);
  if (browser === null || by.passkey === null) return {};
  const opened = await send(driver, browser, `/v1/changes/${id}/options`, {}, kind);
  if (opened !== null) kept.set(id, opened['options'] as object);
  const options = kept.get(id);
  const response = options === undefined ? null : by.passkey.prove(options);
  return response === null ? {} : { response };
}

/** A signature of another change. */
function signedOther(driver: Driver, other: Proposed | undefined, by: Someone): Promise<object> | object {
  return other === undefined ? {} : signed(driver, other, by);
}

/** Approves a change. `isConfirmed`: the passkey signed it, and not the change before it or nothing. */
export async function approveChange(
  driver: Driver,
  change: Pick<Proposed, 'id' | 'kind'> | null,
  by: Someone | undefined,
  isConfirmed = true,
): Promise<void> {
  const browser = await browserOf(driver, by);
  if (change === null || by === undefined || browser === null) return;
  const other = driver.changes.findLast(({ id }) => id !== change.id);
  const signature = isConfirmed ? await signed(driver, change, by) : await signedOther(driver, other, by);
  await send(driver, browser, `/v1/changes/${change.id}/approve`, signature, change.kind);
}

const officer = ({ officers }: Driver, n: number): Someone | undefined => officers[n % officers.length];

/** A policy that a privacy officer proposes and an admin approves. */
export async function setPolicy(driver: Driver, next: (policy: Policy) => Policy): Promise<void> {
  await approveChange(driver, await proposePolicy(driver, officer(driver, 0), next), officer(driver, 1));
}

/** People whom an admin changes and a privacy officer confirms. */
export async function setPeople(driver: Driver, people: readonly WantedPerson[]): Promise<void> {
  await approveChange(driver, await proposePeople(driver, officer(driver, 1), people), officer(driver, 0));
}

export async function setTeam(driver: Driver, team: string | null, to: KnownTeam): Promise<void> {
  await approveChange(driver, await proposeTeam(driver, officer(driver, 1), team, to), officer(driver, 0));
}

/** Rules of a purpose that differ from that of complaints, which stays. */
export const RULES: readonly Partial<PurposeRule>[] = [
  ...([{ approvals: 2 }, { roles: ['supervisor'] }, { objects: ['audio'] }, { longestMinutes: 10 }] as const),
  ...([{ windowHours: 1 }, { extendMinutes: 0 }, { otherTeam: true }, { training: true }] as const),
];

export const LIMITS: readonly Partial<Policy>[] = [
  ...([{}, { openRequests: 1 }, { atOnce: 1 }, {}, { bulk: 1 }, { scope: 'team' }, { escalateHours: 2 }] as const),
];

/** The next policy: one rule, or none for quality, and one limit beyond those of the first policy. */
export function policyWith(
  rule: Partial<PurposeRule> | null,
  limit: Partial<Policy>,
  rest: Pick<Policy, 'apiKeyDecisions' | 'requestHours'>,
): (policy: Policy) => Policy {
  return ({ v, purposes: { quality: _, ...others }, agentsSee, alerts, uses }) => {
    const purposes = rule === null ? others : { ...others, quality: { ...others.complaint, ...rule } as PurposeRule };
    return {
      ...{ v, agentsSee, alerts, uses, bulk: 50, approverAgeHours: 1, scope: 'all' },
      ...limit,
      ...rest,
      purposes,
    };
  };
}

function policyOf([a, b, c]: readonly [number, number, number]): (policy: Policy) => Policy {
  const rest = { apiKeyDecisions: c % 3 !== 0, requestHours: c % 2 === 0 ? 1 : 72 };
  return policyWith(a % 6 === 5 ? null : (at(RULES, b) ?? {}), at(LIMITS, a) ?? {}, rest);
}

export const changePolicy: Step = (driver, numbers) => setPolicy(driver, policyOf(numbers));

/** Whom a change is about: new people, roles that come and go, training, and people who come back. */
function peopleOf({ people, officers }: Driver, [a, b, c]: readonly [number, number, number]): WantedPerson[] {
  const id = at(people.slice(1, 5), a)?.id ?? '';
  const roles = [['supervisor'], ['reviewer'], ['reviewer', 'supervisor']][b % 3] ?? [];
  const day = ['2020-01-31', '2099-12-31', '2098-12-31', null][b % 4] ?? null;
  const rows: WantedPerson[] = [
    { id, roles },
    { id, trained_until: day },
    { name: 'New', roles },
    { id, roles, state: 'active' },
    { id: officers[b % 4]?.id ?? '', trained_until: day },
  ];
  return [rows[c % 5] ?? { id }];
}

export const changePeople: Step = (driver, numbers) => setPeople(driver, peopleOf(driver, numbers));

/** A team of some people with some queues; who can lead does, or not. */
export function teamOf({ people }: Driver, [a, b, c]: readonly [number, number, number]): KnownTeam {
  const ids = people
    .slice(0, 5)
    .flatMap(({ id }, n) => ((a >> n) % 2 === 0 ? [] : [{ id, lead: n !== 1 && n !== 2 && (b >> n) % 2 === 0 }]));
  const queues = [['Sales'], ['Care'], [null], ['Sales', 'Care']][c % 4] ?? [];
  return { name: `QA ${a % 7}`, members: ids, queues };
}

export const changeTeam: Step = async (driver, [a, b, c]) => {
  const team = c % 5 === 0 ? null : (at(driver.teams, b) ?? null);
  await setTeam(driver, team, teamOf(driver, [a, b, c]));
};

/** A change that is right or wrong in one thing: who proposes, who approves, how, when, on what, and how often. */
export const anyChange: Step = async (driver, [a, b, c]) => {
  const kind = a % 3;
  const proper = kind === 0 ? 0 : 1;
  const proposer = officer(driver, b % 8 === 7 ? proper + 1 : proper + (b % 2) * 2);
  const approver = b % 4 === 1 ? proposer : b % 9 === 8 ? driver.people[3] : officer(driver, proper + 1 + (c % 2) * 2);
  const about = (): Promise<Proposed | null> => {
    const isSigned = c % 7 !== 5;
    if (kind === 0) return proposePolicy(driver, proposer, policyOf([a, b, c]), isSigned);
    if (kind === 2)
      return proposeTeam(
        driver,
        proposer,
        c % 3 === 0 ? null : (driver.teams[0] ?? null),
        teamOf(driver, [a, b, c]),
        isSigned,
      );
    const own = { id: approver?.id ?? '', trained_until: `20${20 + (a % 50)}-01-31` };
    return proposePeople(driver, proposer, c % 3 === 0 ? [own] : peopleOf(driver, [a, b, c]), isSigned);
  };
  const change = await about();
  if (c % 7 === 1) driver.world.forward(8 * 86_400_000);
  if (c % 7 === 2) await (kind === 0 ? changePolicy : kind === 1 ? changePeople : changeTeam)(driver, [a + 1, b, c]);
  if (c % 7 === 3 && change !== null) await decideOtherwise(driver, change, b);
  await approveChange(driver, change, approver, c % 4 !== 3);
  if (c % 7 === 4) await approveChange(driver, change, officer(driver, proper + 1));
};

/** Withdraws or rejects a change. */
async function decideOtherwise(driver: Driver, { id, kind, by }: Proposed, n: number): Promise<void> {
  const who = n % 2 === 0 ? by : officer(driver, driver.officers.indexOf(by) + 1);
  const browser = await browserOf(driver, who);
  if (browser === null || who === undefined) return;
  await stepUp(who, browser);
  const path = `/v1/changes/${id}/${n % 2 === 0 ? 'withdraw' : 'refuse'}`;
  await send(driver, browser, path, n % 2 === 0 ? {} : { reason: 'not now' }, kind);
}

/** A change of before, again. */
export const approveLate: Step = (driver, [a, b]) =>
  approveChange(driver, late(driver.changes, a) ?? null, officer(driver, b));

/** One person removes: a role, a place in a team or its lead, or everything. */
export const takeAway: Step = async (driver, [a, b, c]) => {
  // The first approver stays.
  const who = at(driver.people.slice(1, 5), a);
  const by = b % 5 === 4 ? driver.people[3] : officer(driver, b % 7 === 6 ? 0 : 1);
  if (who === undefined || by === undefined) return;
  // Of the first two teams, each has every second of them.
  const team = driver.teams[a % 2];
  if (c % 4 === 0)
    await send(driver, by, `/v1/people/${who.id}/remove-roles`, { roles: [['reviewer'], ['supervisor']][b % 2] });
  else if (c % 4 === 1) await send(driver, by, `/v1/people/${who.id}/deactivate`);
  else if (team !== undefined)
    await send(driver, by, `/v1/teams/${team}/remove-member`, { person: who.id, only_lead: c % 4 === 3 });
};
