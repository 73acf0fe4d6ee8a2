// What happens in a day of the drill, to the vault and to the naive archive alike.
import type { RetentionRules } from '../../../src/model/retention/rules.ts';
import { type Dice, pick } from '../../support/retention-histories.ts';
import type { TwinRules } from '../../support/retention-twin.ts';
import type { World } from '../../support/world.ts';
import type { Archive } from './archive.ts';
import { numberOf, randomPatch } from './random.ts';
import type { Acts } from './vault-acts.ts';

export type Played = {
  readonly world: World;
  readonly tenant: string;
  readonly acts: Acts;
  readonly archive: Archive;
  readonly dice: Dice;
  /** The recordings at first, and the days. */
  readonly size: number;
  readonly days: number;
  readonly now: () => string;
  /** One round of expiry. */
  readonly expire: () => Promise<number>;
  readonly counts: Record<'rules' | 'holds' | 'restricted' | 'withdrawn' | 'amended' | 'corrected' | 'brakes', number>;
  /** Recordings that are restricted, and those that a person corrected: a platform does not set the same again. */
  readonly restricted: Set<string>;
  readonly corrected: Set<string>;
};

/** So many days before the last, holds and restrictions end. */
const SETTLED = 4;
/** Restrictions that one change lifts. */
const MOST_LIFTED = 50;

/** New rules by two people. Nothing expires before they are applied to every recording. */
export async function changeRules(
  { world, acts, archive, counts, now, expire }: Played,
  to: RetentionRules,
): Promise<void> {
  await acts.changeRules(to);
  archive.change(to as unknown as TwinRules, now());
  counts.rules += 1;
  world.forward(61_000);
  if ((await expire()) > 0) throw new Error('recordings expired while rules were applied');
  await acts.settle();
}

/** Before expiry: amendments, holds, restrictions and withdrawals of any recordings. */
export async function actsOfDay(of: Played, day: number): Promise<void> {
  const { acts, archive, dice, days, size } = of;
  const some = (): string[] => chosen(dice, [...archive.living.keys()], Math.max(2, Math.ceil(size / 4_000)));
  for (const id of some()) await amend(of, id, false);
  for (const id of some()) await amend(of, id, true);
  await withdraw(of, numberOf(day - 1), day % 3 === 0 ? ['quality'] : []);
  if (day > days - SETTLED) return endKeeping(of);
  if (day % 5 === 2) await holdList(of, some());
  if (day % 10 === 3) await holdQueue(of, 'vip', day % 20 === 3);
  if (day % 10 === 8) await lift(of, [...archive.holds.keys()][0]);
  for (const id of some().slice(0, 3)) await restrict(of, id);
  if (day % 7 === 5) await unrestrict(of, [...of.restricted].slice(0, MOST_LIFTED));
  await acts.settle();
}

/** Between two rounds: what is due already is amended, held, restricted or withdrawn, and stays. */
export async function actsBetweenRounds(of: Played): Promise<void> {
  const { acts, archive, dice, now, size } = of;
  const due = chosen(dice, archive.due(now()), Math.max(8, Math.ceil(size / 2_000)));
  for (const [n, id] of due.entries()) {
    if (n % 8 === 0) await holdList(of, [id]);
    else if (n % 8 === 1) await restrict(of, id);
    else await amend(of, id, n % 2 === 0);
  }
  await acts.settle();
}

async function endKeeping(of: Played): Promise<void> {
  for (const hold of [...of.archive.holds.keys()]) await lift(of, hold);
  while (of.restricted.size > 0) await unrestrict(of, [...of.restricted].slice(0, MOST_LIFTED));
  await of.acts.settle();
}

/** An amendment by the platform, or, `alone`, by a person. */
async function amend(
  { acts, archive, dice, counts, corrected, now }: Played,
  id: string,
  alone: boolean,
): Promise<void> {
  const facts = archive.living.get(id)?.facts;
  if (facts === undefined || (!alone && corrected.has(id))) return;
  const patch = randomPatch(dice, facts, now(), alone);
  if (alone) await acts.correct(id, patch);
  else await acts.amend(String(facts['call_id']), patch);
  archive.amend(id, patch, now(), alone);
  if (alone) corrected.add(id);
  counts[alone ? 'corrected' : 'amended'] += 1;
}

async function withdraw(
  { acts, archive, counts, now }: Played,
  number: string,
  purposes: readonly string[],
): Promise<void> {
  await acts.withdraw(number, purposes);
  counts.withdrawn += archive.withdraw(number, purposes, now());
}

async function holdList({ acts, archive, counts }: Played, ids: readonly string[]): Promise<void> {
  archive.holdList(await acts.holdList(ids), ids);
  counts.holds += 1;
}

/** Nothing expires while the hold is being placed. */
async function holdQueue(
  { world, acts, archive, counts, expire }: Played,
  queue: string,
  continuing: boolean,
): Promise<void> {
  const hold = await acts.holdQueue(queue, continuing);
  archive.holdQueue(hold, queue, continuing);
  counts.holds += 1;
  if (await acts.isPlacing(hold)) {
    world.forward(61_000);
    if ((await expire()) > 0) throw new Error('recordings expired while a hold was being placed');
  }
  await acts.settle();
}

async function lift({ acts, archive }: Played, hold: string | undefined): Promise<void> {
  if (hold === undefined) return;
  await acts.lift(hold);
  archive.lift(hold);
  await acts.settle();
}

async function restrict({ acts, archive, counts, restricted, now }: Played, id: string): Promise<void> {
  if (restricted.has(id)) return;
  await acts.restrict(id);
  archive.amend(id, { restricted: { at: now(), ground: 'claims' } }, now(), true);
  restricted.add(id);
  counts.restricted += 1;
}

async function unrestrict({ acts, archive, restricted, now }: Played, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await acts.unrestrict(ids);
  for (const id of ids) {
    archive.amend(id, { restricted: null }, now(), true);
    restricted.delete(id);
  }
}

/** At most so many of these, each once. */
function chosen(dice: Dice, from: readonly string[], count: number): string[] {
  if (from.length === 0) return [];
  return [...new Set(Array.from({ length: count }, () => pick(dice, from)))];
}
