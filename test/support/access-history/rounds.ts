// Steps of a history that do several things in the order in which they usually happen; parts are left out, or go wrong.
import {
  approveByKey,
  approveUnsigned,
  ask,
  askMany,
  at,
  deny,
  extend,
  forward,
  giveAltered,
  giveSigned,
  listen,
  open,
  revoke,
  type Step,
  sign,
} from './access-steps.ts';
import { LIMITS, policyWith, RULES, setPeople, setPolicy, setTeam, takeAway } from './change-steps.ts';
import type { Driver } from './driver.ts';

/** A request with all that usually follows, by whom it may be; parts are left out, and others do some of them. */
export const round: Step = async (driver, [a, b, c]) => {
  await ask(driver, [a % 7, b, c]);
  if (c % 6 === 4) await forward(driver, [9, 0, 0]);
  if (b % 8 === 5) await deny(driver, [[0, 3, 4][a % 3] ?? 0, 0, 1]);
  await approveByKey(driver, [[0, 3, 4, 0, 3, 4, 5][b % 7] ?? 0, 0, c]);
  if (c % 3 === 0) await approveByKey(driver, [a, 0, c]);
  if (c % 8 === 1) await revoke(driver, [0, 0, b]);
  if (c % 7 === 2) await extend(driver, [a, 0, 1]);
  await open(driver, [a, 0, b]);
  if (b % 4 === 0) await forward(driver, [a, 0, 0]);
  if (b % 6 === 1) await revoke(driver, [0, 0, c]);
  await listen(driver, [0, 0, 0]);
  if (a % 2 === 0) await extend(driver, [b, 0, b]);
  if (c % 4 === 0) await extend(driver, [b, 0, 1]);
  for (let n = c % 5; n > 1; n--) await open(driver, [a, 0, 1]);
};

/** A proof that is given late, again or for something else. */
export const signedRound: Step = async (driver, [a, b, c]) => {
  if (b % 3 === 1) await askMany(driver, [b, a, c]);
  else await ask(driver, [b, a, c]);
  if (c % 2 === 0) await ask(driver, [b + 1, c, a]);
  if (c % 6 === 1) await approveUnsigned(driver, [[0, 3, 4][a % 3] ?? 0, 0, 0]);
  if (c % 9 === 8) await setPolicy(driver, (policy) => ({ ...policy, bulk: 1 + (a % 2) }));
  await sign(driver, [[0, 1, 3, 4][a % 4] ?? 0, 0, c]);
  if (b % 3 === 0) await forward(driver, [b, 0, 0]);
  if (a % 5 === 0) await giveAltered(driver, [0, b, c]);
  await giveSigned(driver, [0, 0, 0]);
  if (c % 5 === 0 || b % 4 === 0) await giveSigned(driver, [0, 0, 0]);
  await open(driver, [a, 0, 1]);
};

const member = (driver: Driver, n: number, lead = false) => ({ id: driver.people[n]?.id ?? '', lead });

/** Two teams that share a queue, each with a lead, under a policy that asks for them. */
export async function makeTeams(driver: Driver, [a, b, c]: readonly [number, number, number]): Promise<void> {
  const [sales, both] = [driver.teams[0] ?? null, driver.teams[1] ?? null];
  await setTeam(driver, sales, {
    name: 'QA 1',
    members: [member(driver, 1), member(driver, 3, a % 3 > 0)],
    queues: ['Sales'],
  });
  const second = [member(driver, 2), member(driver, 4, b % 3 > 0)];
  await setTeam(driver, both, {
    name: 'QA 2',
    members: second,
    queues: c % 2 === 0 ? ['Sales', 'Care'] : ['Care', null],
  });
}

const teamPolicy = (driver: Driver, [a, b, c]: readonly [number, number, number]): Promise<void> =>
  setPolicy(driver, ({ purposes, escalateHours: _, ...policy }) => ({
    ...policy,
    scope: a % 3 === 0 ? 'all' : 'team',
    ...(b % 2 === 0 ? {} : { escalateHours: 2 }),
    purposes: {
      ...purposes,
      ...(purposes.quality === undefined ? {} : { quality: { ...purposes.quality, otherTeam: c % 2 === 0 } }),
    },
  }));

/** A request for a call of a team, decided and revoked by people of it and of others. */
export const teamRound: Step = async (driver, [a, b, c]) => {
  if (driver.teams.length < 2 || a % 9 === 8) await makeTeams(driver, [a, b, c]);
  if (driver.oracle.known.policies.size < 2 || b % 7 === 6) await teamPolicy(driver, [a, b, c]);
  if (c % 6 === 5) await takeAway(driver, [b, a, 2 + (a % 2)]);
  await ask(driver, [1 + (a % 4), b, c]);
  if (c % 5 === 4) await forward(driver, [8, 0, 0]);
  await approveByKey(driver, [[3, 4, 0, 3, 4][b % 5] ?? 0, 0, c]);
  if (a % 2 === 0) await approveByKey(driver, [[0, 3, 4][c % 3] ?? 0, 0, c]);
  if (c % 4 === 1) await sign(driver, [[0, 3, 4][b % 3] ?? 0, 0, c]);
  if (c % 4 === 1) await giveSigned(driver, [0, 0, 0]);
  if (b % 5 === 1) await deny(driver, [[0, 3, 4][a % 3] ?? 0, 0, 1]);
  await revoke(driver, [[0, 3, 4, 7][c % 4] ?? 0, b, a]);
  await open(driver, [a, 0, 1]);
  await listen(driver, [0, 0, 0]);
};

/** People who become approvers, lose roles, go and come back, with what they had before. */
export const peopleRound: Step = async (driver, [a, b, c]) => {
  const n = [1, 4, 3][a % 3] ?? 1;
  const id = driver.people[n]?.id ?? '';
  await setPeople(driver, [{ id, roles: [['reviewer', 'supervisor'], ['reviewer']][b % 5 === 0 ? 1 : 0] ?? [] }]);
  await ask(driver, [n, b, 1]);
  await ask(driver, [2, b, 1]);
  await approveByKey(driver, [n, 0, 0]);
  await approveByKey(driver, [0, c % 3 === 0 ? 1 : c % 2, 0]);
  await open(driver, [n, 0, 1]);
  if (c % 5 === 0) await takeAway(driver, [n - 1, b, 0]);
  await approveByKey(driver, [n, 0, 0]);
  await listen(driver, [0, 0, 0]);
  if (c % 2 === 1) await ask(driver, [n, b + 1, 1]);
  if (c % 3 === 0) await takeAway(driver, [n - 1, 1, 1]);
  if (c % 2 === 1) await approveByKey(driver, [0, 0, 0]);
  if (c % 3 === 0) await setPeople(driver, [{ id, roles: ['reviewer', 'supervisor'], state: 'active' }]);
  for (const which of [0, 1]) await open(driver, [n, which, 1]);
};

/** Training that a purpose asks for, before and after it ends. */
export const trainingRound: Step = async (driver, [a, b, c]) => {
  const id = at(driver.people.slice(1, 3), a)?.id ?? '';
  const by = 1 + (a % 2);
  await ask(driver, [by, b, 1]);
  await approveByKey(driver, [0, 0, 0]);
  const training = a % 3 === 0 ? {} : { training: true as const };
  await setPolicy(driver, ({ purposes: { quality, ...others }, ...policy }) => ({
    ...policy,
    purposes: quality === undefined ? others : { ...others, quality: { ...others.complaint, ...quality, ...training } },
  }));
  if (b % 2 === 0) await setPeople(driver, [{ id, trained_until: ['2020-01-31', '2099-12-31'][c % 2] ?? null }]);
  await open(driver, [by, 0, 1]);
  await ask(driver, [by, b, 1]);
};

const KEYS = { apiKeyDecisions: true, requestHours: 72 };

/** A policy that changes before, while and after requests, grants and sessions are open. */
export const policyRound: Step = async (driver, [a, b, c]) => {
  const who = [0, 1, 2, 4][a % 4] ?? 1;
  const later = at([{ roles: ['supervisor'] }, null, { roles: ['privacy'] }, {}] as const, a + b) ?? null;
  const rest = { ...KEYS, apiKeyDecisions: c % 8 !== 2 };
  if (c % 2 === 0) await setPolicy(driver, policyWith(at(RULES, b) ?? {}, at(LIMITS, a) ?? {}, rest));
  if (b % 3 === 0) await askMany(driver, [who, b, 1 + (c % 2)]);
  else await ask(driver, [who, b, 1 + (c % 2)]);
  await approveByKey(driver, [[0, 3, 4][b % 3] ?? 0, 0, 0]);
  if (c % 5 === 1) await approveByKey(driver, [[3, 4, 0][b % 3] ?? 0, 0, 0]);
  if (c % 3 === 1) await setPolicy(driver, policyWith(later, {}, KEYS));
  await open(driver, [who, 0, 1]);
  if (a % 2 === 0) await open(driver, [who, 0, 1]);
  if (c % 3 === 2) await setPolicy(driver, policyWith(later, {}, KEYS));
  await listen(driver, [0, 0, 0]);
  if (a % 2 === 0) await ask(driver, [who, b + 1, 1]);
};
