// No history of people, roles, teams, policies and changes gives one human a session without another's approval, a policy
// and a clock; and each rule counts: with one switched off, a history is found that breaks it, by name.
import '../support/access-history/switches.ts';
import fc from 'fast-check';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { leafHash, logName } from '../../src/model/audit-event.ts';
import { createLogCheck } from '../../src/model/log/check.ts';
import { proofCrypto } from '../../src/vault/core/proofs/proof-crypto.ts';
import { checkLog as checkRows } from '../../src/vault/verify/check-log.ts';
import type { Finding } from '../../src/vault/verify/finding.ts';
import { createDriver, type Driver } from '../support/access-history/driver.ts';
import { historiesFor } from '../support/access-history/found-in.ts';
import { anyHistory, type Move, type Subject, take } from '../support/access-history/histories.ts';
import { off } from '../support/access-history/loosened.ts';
import { RULES, type Rule } from '../support/access-history/rules.ts';
import { ENGINES } from '../support/engines.ts';
import { URL_OF_WORLD, type World } from '../support/world.ts';
import { sharedWorld } from '../support/worlds.ts';

const SEED = 20_261_128;
const STEPS = 40;
/** In one of so many histories a rule that is off is missed. */
const MOST_HISTORIES = 20;

/** What happens in most histories: the property says something only where it does. */
const USUAL = [
  ...['session.opened', 'served', 'grant.extended', 'grant.revoked', 'proof.given'],
  ...['policy.changed', 'team.changed', 'person.added', 'person.changed', 'person.off', 'change.approved'],
];

/** The same history for a seed, each time. */
function historyOf(seed: number): readonly Move[] {
  return fc.sample(anyHistory(STEPS), { seed: SEED + seed, numRuns: 1 })[0] ?? [];
}

type Off = Pick<Rule, 'names' | 'says'>;

/** Lets a history happen: to its end, or until the oracle says what a rule that is off is for. */
async function run(world: World, subject: Subject, moves: readonly Move[], rule: Off | null = null) {
  const driver = await createDriver(world);
  for (const name of rule?.names ?? []) off.add(name);
  const found = (): boolean => rule !== null && driver.oracle.wrong.includes(rule.says);
  let steps = 0;
  for (; steps < moves.length && !found(); steps++) await take(driver, subject, moves[steps] ?? [0, 0, 0, 0]);
  off.clear();
  return { driver, steps, isFound: found() };
}

/** What the oracle and the log's check find wrong with a history, rows that are not what the log says, and replies that no client may cause. */
async function faultsOf({ world, tenant, oracle, failed }: Driver) {
  const wait = { signal: AbortSignal.timeout(600_000) };
  const { events, policies } = await world.vault.db.read(
    async (rows) => ({
      events: await rows.log.events(tenant, 0, 100_000),
      policies: await rows.tenants.policies(tenant, null, 10_000),
    }),
    wait,
  );
  const bodies = new Map(policies.map(({ id, body }) => [id, Buffer.from(body)]));
  const besides = { policies: (id: string) => bodies.get(id) ?? null };
  const proofs = { ...proofCrypto, url: URL_OF_WORLD };
  const check = createLogCheck(logName(world.vault.settings.origin, tenant), 'whole', proofs, besides);
  for (const event of events) check.add(event, leafHash(event.leaf));
  const { findings } = check.checked();
  // The clock jumps by hours while no background work ends sessions: that some end late is no fault of the rules.
  const codes = findings.map(({ code }) => code).filter((code) => !/^session_(overrun|unended)$/.test(code));
  const row = await world.vault.db.read((rows) => rows.tenants.find(tenant), wait);
  const rows: Finding[] = [];
  if (row !== null) await checkRows(world.vault, row, async (found) => void rows.push(...found), wait);
  return { wrong: oracle.wrong, findings: codes, rows, failed };
}

const NO_FAULTS = { wrong: [], findings: [], rows: [], failed: [] };

afterEach(() => off.clear());

describe.each(ENGINES)('histories of access on $engine $reason', ({ engine, present }) => {
  const world = sharedWorld({}, engine);
  const histories = engine === 'sqlite' ? 10 : 4;

  it.runIf(present)('give no one a session without another human, a policy and a clock', async () => {
    const did: Record<string, number> = {};
    for (let seed = 0; seed < histories; seed++) {
      const { driver } = await run(world, 'all', historyOf(seed));
      for (const [action, count] of driver.did) did[action] = (did[action] ?? 0) + count;
      expect({ seed, ...(await faultsOf(driver)) }).toEqual({ seed, ...NO_FAULTS });
    }
    // The fewer histories of the other engine begin as these do.
    const usual = engine === 'sqlite' ? USUAL : ['session.opened', 'served', 'change.approved'];
    for (const action of usual) expect(did[action] ?? 0, action).toBeGreaterThan(histories / 10);
  });
});

describe.each(ENGINES)('a rule of access that is off on $engine $reason', ({ engine, present }) => {
  const world = sharedWorld({}, engine);
  const seen: string[] = [];
  afterAll(() => void process.stdout.write(seen.map((line) => `${engine}, off: ${line}\n`).join('')));

  const rules = engine === 'sqlite' ? RULES : RULES.filter(({ isInSql }) => isInSql);
  it.runIf(present).each(rules)('is missed: $rule', async ({ rule, theme, names, says }) => {
    for (const seed of historiesFor(rule, MOST_HISTORIES)) {
      const moves = historyOf(seed);
      const { driver, steps, isFound } = await run(world, theme, moves, { names, says });
      if (!isFound) continue;
      const { findings } = await faultsOf(driver);
      seen.push(`${rule} – history ${seed}, ${steps} steps, “${says}”, checkLog: ${findings.join(' ') || 'nothing'}`);
      // The same history with the rule on: nothing else in it is wrong.
      const clean = await run(world, theme, moves.slice(0, steps));
      expect(await faultsOf(clean.driver)).toEqual(NO_FAULTS);
      return;
    }
    expect.fail(`no history of ${MOST_HISTORIES} shows that it is off: ${says}`);
  });
});
