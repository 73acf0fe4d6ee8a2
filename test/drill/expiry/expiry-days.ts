// Expiry day by day: a tenant's recordings under rules that change, held, restricted, withdrawn and amended meanwhile. After
// each round the recordings that its log says are erased are those of a naive archive, exactly.
import type { Database } from '../../../src/ports/database.ts';
import { expirer } from '../../../src/vault/retention/expire.ts';
import { insertMany } from '../../support/many-recordings.ts';
import { diceOf } from '../../support/retention-histories.ts';
import { makeWorld, type World } from '../../support/world.ts';
import { naiveArchive } from './archive.ts';
import { checkedLog, compareRows, erasedSince, sizeOfLog } from './compare.ts';
import { actsBetweenRounds, actsOfDay, changeRules, type Played } from './day-acts.ts';
import { DAY, LAST_RULES, numberOf, OLDEST, randomFacts, randomRules } from './random.ts';
import { vaultActs } from './vault-acts.ts';

export type ExpiryOptions = {
  readonly recordings: number;
  readonly days: number;
  readonly seed: number;
  /** URL of an empty PostgreSQL database; default: SQLite. */
  readonly postgres?: string | undefined;
  /** Whether the passes after each erasure run too: they take most of the time. */
  readonly passes?: boolean;
};

/** At the least so many rounds expire all: what happens between them comes before some erasures and after others. */
const ROUNDS = 90;
/** Of so many recordings one is deposited each day. */
const LATER = 1_000;
/** The rules of so many days before the last let everything expire. */
const LAST = 8;

export type ExpiryResult = Awaited<ReturnType<typeof play>>;

/** Plays the days. `say` is called after each. */
export async function playExpiry(options: ExpiryOptions, say: (line: string) => void): Promise<ExpiryResult> {
  const { postgres, recordings } = options;
  const erasePerMinute = Math.max(10, Math.ceil(recordings / ROUNDS));
  const world = await makeWorld({ erasePerMinute, ...(postgres === undefined ? {} : { postgres }) });
  try {
    return await play(world, options, say);
  } finally {
    await world.end();
  }
}

async function play(world: World, options: ExpiryOptions, say: (line: string) => void) {
  const { recordings, days, seed, passes } = options;
  const { tenant } = world.harbour;
  const acts = await vaultActs(world, tenant);
  const { db, times } = timed(world.vault.db);
  const round = expirer({ ...world.vault, db }, () => undefined);
  const of: Played = {
    ...{ world, tenant, acts, archive: naiveArchive(), dice: diceOf(seed), size: recordings, days },
    counts: { rules: 0, holds: 0, restricted: 0, withdrawn: 0, amended: 0, corrected: 0, brakes: 0 },
    ...{ restricted: new Set(), corrected: new Set(), expire: () => round(acts.request()) },
    now: () => new Date(world.vault.clock.now()).toISOString(),
  };
  toAfternoon(world);
  await deposit(of, recordings, OLDEST, true);
  const differences: string[] = [];
  const [began, cpu] = [performance.now(), process.cpuUsage()];
  let read = await sizeOfLog(of);
  for (let day = 1; day <= days; day++) {
    if (day % 6 === 1 && day < days - LAST) await changeRules(of, randomRules(of.dice));
    if (day === days - LAST) await changeRules(of, LAST_RULES);
    await actsOfDay(of, day);
    await deposit(of, Math.ceil(recordings / LATER), 3, false);
    const expected = await expireDay(of);
    if (passes === true) await acts.endErasures();
    const { ids, next } = await erasedSince(of, read);
    differences.push(...differing(expected, ids).map((line) => `day ${day}: ${line}`));
    read = next;
    say(`day ${day}: ${ids.length} erased, ${of.archive.living.size} left, ${differences.length} differences`);
    toAfternoon(world);
  }
  const [seconds, { user, system }] = [(performance.now() - began) / 1_000, process.cpuUsage(cpu)];
  differences.push(...(await compareRows(of)));
  times.sort((a, b) => a - b);
  return {
    ...{ ...of.counts, ...(await checkedLog(of)), differences, erased: of.archive.erased.size },
    ...{ left: of.archive.living.size, seconds, cpuSeconds: (user + system) / 1e6 },
    ...{ longestMs: times.at(-1) ?? 0, medianMs: times[Math.floor(times.length / 2)] ?? 0, transactions: times.length },
  };
}

/** Deposits calls of the last `over` days; `first`: one in ten has a number, one of as many as there are days. */
async function deposit(of: Played, count: number, over: number, first: boolean): Promise<void> {
  const { world, archive, dice, tenant, days } = of;
  const now = of.now();
  const known = archive.living.size + archive.erased.size;
  const facts = Array.from({ length: count }, (_, n) => ({
    ...randomFacts(dice, known + n, now, over),
    ...(first && n % 10 === 0 ? { numbers: { from: numberOf((n / 10) % days) } } : {}),
  }));
  const ids = await insertMany(
    world,
    tenant,
    facts.map((one) => ({ v: 1, ...one })),
    world.harbour.uploader.id,
  );
  for (const [n, one] of facts.entries()) archive.deposit(ids[n] ?? '', one, now);
}

/** Expiry of a day, in rounds of what its pace allows. Returns what the archive says is erased. */
async function expireDay(of: Played): Promise<string[]> {
  const { world, archive, acts, counts } = of;
  const erased: string[] = [];
  for (let n = 0; ; n++) {
    world.forward(61_000);
    const due = archive.due(of.now()).slice(0, world.vault.settings.erasePerMinute);
    const done = await of.expire();
    if (done === 0 && due.length > 0 && (await acts.expiry())?.state === 'BRAKED') {
      counts.brakes += 1;
      await acts.resume();
      continue;
    }
    archive.erase(due);
    erased.push(...due);
    if (done === 0) return erased;
    if (n === 0) await actsBetweenRounds(of);
  }
}

function differing(archive: readonly string[], vault: readonly string[]): string[] {
  const [one, other] = [new Set(archive), new Set(vault)];
  return [
    ...archive.filter((id) => !other.has(id)).map((id) => `${id} by the archive alone`),
    ...vault.filter((id) => !one.has(id)).map((id) => `${id} by the vault alone`),
    ...(vault.length === other.size ? [] : ['some twice']),
  ];
}

/** Forward to the next 12:30 UTC: what is due on a day is due at noon. */
function toAfternoon({ vault, forward }: World): void {
  const now = vault.clock.now();
  const today = Math.floor(now / DAY) * DAY + 12.5 * 3_600_000;
  forward((today > now ? today : today + DAY) - now);
}

/** A database with the times of its changes, in milliseconds. */
function timed(db: Database): { readonly db: Database; readonly times: number[] } {
  const times: number[] = [];
  const change: Database['change'] = async (work, wait) => {
    const began = performance.now();
    try {
      return await db.change(work, wait);
    } finally {
      times.push(performance.now() - began);
    }
  };
  return { db: { ...db, change }, times };
}
