// Steps of a history about assignments: made, altered, finished, returned, withdrawn and replaced.
import { at, late, listen, open, type Step } from './access-steps.ts';
import { setPolicy } from './change-steps.ts';
import { browserOf, type Driver, type Someone, send } from './driver.ts';
import { makeTeams } from './rounds.ts';

const DAY_MS = 86_400_000;

type SignedGrant = {
  readonly id: string;
  readonly recording: string;
  readonly reviewer: string;
  readonly minutes: number;
};

type Outcome = {
  readonly grant: string;
  readonly recording: string;
  readonly reviewer: string;
  readonly outcome: string;
};

/** What is wrong with what is sent after the passkey signed. */
type Alteration = 'none' | 'reviewer' | 'minutes';

/** Assigns calls to a reviewer, by the passkey of their maker. */
async function assign(
  driver: Driver,
  maker: Someone | undefined,
  reviewer: Someone | undefined,
  grants: readonly { readonly recording: string; readonly instead_of?: string }[],
  alteration: Alteration = 'none',
): Promise<void> {
  const browser = await browserOf(driver, maker);
  if (browser === null || maker?.passkey == null || reviewer === undefined || grants.length === 0) return;
  const now = driver.world.vault.clock.now();
  const due = new Date(now + 2 * DAY_MS).toISOString();
  const wanted = { grants: grants.map((one) => ({ ...one, reviewer: reviewer.id })), purpose: 'quality', due };
  const opened = await send(driver, browser, '/v1/batches/options', { ...wanted, objects: ['audio'] });
  if (opened === null) return;
  const [token, signed] = [String(opened['challenge_id']), opened['grants'] as SignedGrant[]];
  const decisions = signed.map(({ id, recording, reviewer: person, minutes }) => ({
    ...{ request: id, decision: 'assign', recording, person, minutes, objects: ['audio'], opens_until: due },
  }));
  driver.oracle.known.signed.set(token.split('.')[0] ?? '', { by: maker.id, at: now, decisions });
  const other = driver.people.find(({ id }) => id !== reviewer.id && id !== maker.id)?.id;
  const change = { none: {}, reviewer: { reviewer: other }, minutes: { minutes: 1 } }[alteration];
  const proof = { challenge_id: token, response: maker.passkey.prove(opened['options'] as object) };
  const sent = { grants: signed.map((one) => ({ ...one, ...change })), purpose: 'quality', objects: ['audio'], due };
  const made = await send(driver, browser, '/v1/batches', { ...sent, reason: 'a random history', proof });
  if (made === null) return;
  driver.batches.push({ id: String(made['id']), by: maker });
  for (const one of made['outcomes'] as Outcome[]) {
    const by = driver.people.find(({ id }) => id === one.reviewer);
    if (by === undefined || one.outcome !== 'assigned') continue;
    driver.grants.push({ id: one.grant, by });
    driver.assigned.push(one);
  }
}

export const finish: Step = async (driver, [a, b, c]) => {
  const grant = late(driver.grants, b);
  const by = c % 5 === 0 ? at(driver.people, a) : grant?.by;
  if (grant === undefined || by === undefined) return;
  if (c % 3 === 0) await send(driver, by, `/v1/grants/${grant.id}/return`, { reason: 'not mine' });
  else await send(driver, by, `/v1/grants/${grant.id}/done`);
};

export const withdraw: Step = async (driver, [a, b, c]) => {
  const batch = late(driver.batches, b);
  const by = c % 3 === 0 ? at(driver.people, a) : batch?.by;
  if (batch === undefined || by === undefined) return;
  await send(driver, by, `/v1/batches/${batch.id}/withdraw`, c % 2 === 0 ? {} : { reason: 'too many' });
};

/** Calls that are assigned under a policy that allows it, by leads and others, to others and themselves. */
export const batchRound: Step = async (driver, [a, b, c]) => {
  if ((driver.teams.length < 2 && a % 3 === 0) || a % 9 === 8) await makeTeams(driver, [a + 1, b, c]);
  if (driver.oracle.known.policies.size < 2 || b % 5 === 4)
    await setPolicy(driver, ({ purposes: { quality, ...others }, ...policy }) => {
      const rule = { ...others.complaint, assignable: a % 4 !== 3, approvals: a % 9 === 1 ? 2 : 1 };
      const purposes = { ...others, quality: { ...quality, ...rule } } as typeof others;
      return { ...policy, scope: c % 2 === 0 ? 'all' : 'team', purposes };
    });
  const maker = at([0, 3, 4, 1], b) ?? 0;
  const reviewer = c % 5 === 0 ? maker : (at([1, 2, 4, 3, 2], a) ?? 1);
  const recordings = driver.recordings.slice(c % 4, (c % 4) + 1 + (a % 2));
  const people = [driver.people[maker], driver.people[reviewer]] as const;
  const alteration = (['none', 'reviewer', 'minutes'] as const)[c % 4 === 3 ? b % 3 : 0] ?? 'none';
  await assign(
    driver,
    ...people,
    recordings.map((recording) => ({ recording })),
    alteration,
  );
  await open(driver, [reviewer, 0, 1]);
  await listen(driver, [0, 0, 0]);
  if (b % 3 === 0) await finish(driver, [a, 0, c]);
  if (b % 6 === 1) await withdraw(driver, [a, 0, c]);
  const old = late(driver.assigned, c);
  if (a % 4 === 2 && old !== undefined) {
    const other = driver.people[at([2, 1, 4], a) ?? 1];
    const lead = driver.people[at([3, 4], b) ?? 3];
    await assign(driver, lead, other, [{ recording: old.recording, instead_of: old.grant }]);
  }
  await listen(driver, [0, 0, 0]);
  await open(driver, [reviewer, a % 2, 1]);
};
