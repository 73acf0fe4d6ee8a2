// Random histories: tables of steps, by what a history is about.
import fc from 'fast-check';
import {
  approveByKey,
  approveUnsigned,
  ask,
  askMany,
  deny,
  extend,
  forward,
  giveAltered,
  giveSigned,
  listen,
  type Numbers,
  open,
  operate,
  remove,
  revoke,
  type Step,
  sign,
  stepUpOnly,
} from './access-steps.ts';
import { batchRound, finish, withdraw } from './batch-steps.ts';
import { anyChange, approveLate, changePeople, changePolicy, changeTeam, takeAway } from './change-steps.ts';
import { catchUp, type Driver, expire } from './driver.ts';
import { peopleRound, policyRound, round, signedRound, teamRound, trainingRound } from './rounds.ts';
import type { Theme } from './rules.ts';

const ACCESS = [
  ...[ask, ask, askMany, approveByKey, approveByKey, sign, giveSigned, giveAltered, approveUnsigned, deny],
  ...[open, open, listen, extend, revoke, forward, forward, operate, remove, expire, stepUpOnly],
];
const CHANGES = [changePolicy, changePeople, changeTeam, anyChange, approveLate, takeAway];
const times = (step: Step, n: number): Step[] => Array.from({ length: n }, () => step);

/** What a history is about. */
export type Subject = Theme | 'all';

/** The steps of each subject, each as likely as it is often there. */
const TABLES: Readonly<Record<Subject, readonly Step[]>> = {
  all: [
    ...[...ACCESS, ...CHANGES, ...times(round, 12), ...times(signedRound, 8), ...times(policyRound, 4)],
    ...[...times(teamRound, 6), ...times(peopleRound, 4), ...times(trainingRound, 2), ...times(anyChange, 4)],
    ...[...times(batchRound, 5), finish, withdraw],
  ],
  access: [...ACCESS, ...times(round, 30), ...times(operate, 6)],
  proofs: [...ACCESS, ...times(signedRound, 30)],
  policy: [...times(policyRound, 20), forward, forward, ask, open, listen],
  changes: [...CHANGES, ...times(anyChange, 25), forward, forward],
  teams: [...ACCESS, ...CHANGES, ...times(teamRound, 30)],
  batches: [...times(batchRound, 30), forward, takeAway, finish, withdraw, operate, revoke],
  people: [...ACCESS, ...CHANGES, ...times(peopleRound, 15), ...times(trainingRound, 10)],
};

export type Move = readonly [which: number, ...numbers: Numbers];

/** Moves of a history of so many steps. */
export const anyHistory = (steps: number): fc.Arbitrary<Move[]> =>
  fc.array(fc.tuple(fc.nat(9_999), fc.nat(999), fc.nat(999), fc.nat(999)), { minLength: steps, maxLength: steps });

/** One step of a history, and what the oracle says of it. */
export async function take(driver: Driver, subject: Subject, [which, ...numbers]: Move): Promise<void> {
  const table = TABLES[subject];
  await table[which % table.length]?.(driver, numbers);
  await catchUp(driver);
}
