// The steps of a random history: each does something to what exists, allowed or not.
import fc from 'fast-check';
import type { Policy, PurposeRule } from '../../../src/model/policy.ts';
import { requestChallenge } from '../browser.ts';
import {
  addService,
  browserOf,
  changePolicy,
  type Driver,
  erase,
  expire,
  policyInForce,
  type SignedBody,
  type Someone,
  send,
  someone,
} from './driver.ts';

type Numbers = readonly [a: number, b: number, c: number];
type Step = (driver: Driver, numbers: Numbers) => Promise<void>;

const MINUTE = 60_000;
const DECIDE = '/v1/access-requests/decide';

const at = <T>(list: readonly T[], n: number): T | undefined => (list.length === 0 ? undefined : list[n % list.length]);
/** One of the latest: what exists for long is closed. */
const late = <T>(list: readonly T[], n: number): T | undefined => list.at(-1 - (n % Math.min(3, list.length || 1)));

const ask: Step = async (driver, [a, b, c]) => {
  const [by, recording] = [at(driver.people, a), at(driver.recordings, b)];
  if (by === undefined) return;
  const objects = c % 5 === 0 ? ['audio'] : ['audio', 'transcript'];
  const purpose = c % 4 === 0 ? 'complaint' : 'quality';
  const json = { recording, purpose, reason: 'a random history', minutes: [5, 15, 45, 90][c % 4], objects };
  const made = await send(driver, by, '/v1/access-requests', json);
  if (made !== null) driver.requests.push({ id: String(made['id']), by });
};

/** Less than asked, or more. */
function limitsOf(c: number): object {
  return (
    [{}, {}, { minutes: 4 }, { minutes: 80 }, { objects: ['audio'] }, { extend: false }, { extend: true }][c % 7] ?? {}
  );
}

function granted(driver: Driver, by: Someone, grant: unknown): void {
  const id = typeof grant === 'string' ? grant : (grant as { id?: string } | null)?.id;
  if (id !== undefined) driver.grants.push({ id, by });
}

const approveByKey: Step = async (driver, [a, b, c]) => {
  const [by, request] = [at(driver.people, a), late(driver.requests, b)];
  if (by === undefined || request === undefined) return;
  const made = await send(driver, by, `/v1/access-requests/${request.id}/approve`, limitsOf(c));
  if (made !== null) granted(driver, request.by, made['grant']);
};

const approveUnsigned: Step = async (driver, [a, b]) => {
  const [by, request] = [at(driver.people, a), late(driver.requests, b)];
  const browser = by === undefined ? null : await browserOf(driver, by);
  if (browser === null || request === undefined) return;
  const made = await send(driver, browser, `/v1/access-requests/${request.id}/approve`);
  if (made !== null) granted(driver, request.by, made['grant']);
};

/** A passkey signs decisions on one to three requests; they are sent later, perhaps. */
const sign: Step = async (driver, [a, b, c]) => {
  const by = at(driver.people, a);
  const browser = by === undefined ? null : await browserOf(driver, by);
  if (browser === null || by?.passkey === undefined || by.passkey === null) return;
  const ids = new Set([0, 1, 2].slice(0, 1 + (c % 3)).flatMap((n) => late(driver.requests, b + n)?.id ?? []));
  const decisions = [...ids].map((request) => ({
    request,
    decision: 'approve',
    ...(c % 2 === 0 ? {} : { minutes: 4 }),
  }));
  const opened = decisions.length === 0 ? null : await send(driver, browser, `${DECIDE}/options`, { decisions });
  if (opened === null) return;
  const proof = { challenge_id: opened['challenge_id'], response: by.passkey.prove(opened['options'] as object) };
  driver.signed.push({ by, body: { decisions: opened['decisions'] as object[], proof } });
};

async function give(driver: Driver, { by, body }: SignedBody): Promise<void> {
  const browser = await browserOf(driver, by);
  const made = browser === null ? null : await send(driver, browser, DECIDE, body);
  for (const one of (made?.['data'] ?? []) as { request: string; grant: string | null }[]) {
    const holder = driver.requests.find(({ id }) => id === one.request)?.by;
    if (holder !== undefined && one.grant !== null) granted(driver, holder, one.grant);
  }
}

const giveSigned: Step = async (driver, [a]) => {
  const one = late(driver.signed, a);
  if (one !== undefined) await give(driver, one);
};

/** What was signed for other requests or limits. */
const giveAltered: Step = async (driver, [a, b, c]) => {
  const [one, request] = [late(driver.signed, a), late(driver.requests, b)];
  if (one === undefined || request === undefined) return;
  const [first, ...rest] = one.body.decisions;
  const altered = c % 2 === 0 ? { ...first, request: request.id } : { ...first, minutes: 3, objects: ['audio'] };
  await give(driver, { ...one, body: { ...one.body, decisions: [altered, ...(c % 3 === 0 ? [] : rest)] } });
};

const deny: Step = async (driver, [a, b, c]) => {
  const [by, request] = [at(driver.people, a), late(driver.requests, b)];
  if (by === undefined || request === undefined) return;
  if (c % 3 === 0) await send(driver, request.by, `/v1/access-requests/${request.id}/cancel`);
  else await send(driver, by, `/v1/access-requests/${request.id}/deny`, { reason: 'not now' });
};

const open: Step = async (driver, [a, b, c]) => {
  const grant = late(driver.grants, b);
  const by = c % 4 === 0 ? at(driver.people, a) : grant?.by;
  if (grant === undefined || by === undefined) return;
  const made = await send(driver, by, `/v1/grants/${grant.id}/sessions`);
  if (made !== null) driver.sessions.push({ id: String(made['id']), by });
};

const listen: Step = async (driver, [a]) => {
  const session = late(driver.sessions, a);
  if (session === undefined) return;
  const headers = { range: 'bytes=0-99' };
  const reply = await driver.world.call('GET', `/v1/sessions/${session.id}/media`, { key: session.by.key, headers });
  await reply.arrayBuffer();
  if (reply.ok) driver.served.push({ session: session.id, at: driver.world.vault.clock.now() });
};

const extend: Step = async (driver, [a, b, c]) => {
  const grant = late(driver.grants, b);
  const by = c % 4 === 0 ? at(driver.people, a) : grant?.by;
  if (grant !== undefined && by !== undefined) await send(driver, by, `/v1/grants/${grant.id}/extend`);
};

const revoke: Step = async (driver, [a, b]) => {
  const [by, grant] = [at(driver.people, a), late(driver.grants, b)];
  if (by !== undefined && grant !== undefined) await send(driver, by, `/v1/grants/${grant.id}/revoke`);
};

const forward: Step = async (driver, [a]) => {
  driver.world.forward(([1, 1, 3, 3, 6, 12, 50, 70, 500, 73 * 60][a % 10] ?? 1) * MINUTE);
};

const RULES: readonly Partial<PurposeRule>[] = [
  ...([{ approvals: 2 }, { roles: ['supervisor'] }, { objects: ['audio'] }, { longestMinutes: 20 }] as const),
  ...([{ windowHours: 1 }, { extendMinutes: 0 }] as const),
];

const setPolicy: Step = async (driver, [a, b, c]) => {
  const { policy } = policyInForce(driver);
  const { quality, ...others } = policy.purposes;
  const { complaint } = others;
  if (complaint === undefined) return;
  // The rule of complaints stays: what others are made from.
  const rule = { ...complaint, ...at(RULES, b) };
  const next: Policy = {
    ...policy,
    apiKeyDecisions: c % 3 !== 0,
    requestHours: c % 2 === 0 ? 1 : 72,
    purposes: quality !== undefined && a % 3 === 0 ? others : { ...others, quality: rule },
  };
  await changePolicy(driver, next, c % 4 === 3);
};

const people: Step = async (driver, [a, b, c]) => {
  const { world, tenant } = driver;
  if (c % 3 === 0) {
    const gone = at(driver.people.slice(3), a);
    if (gone !== undefined) await world.turnOff(tenant, gone.id).catch(() => undefined);
  } else if (c % 3 === 1) {
    driver.people.push(someone(await world.person(tenant, [['reviewer'], ['supervisor']][b % 2] ?? []), b % 2 === 1));
    // At once, as if they were old enough.
    await ask(driver, [1, b, c]);
    await approveByKey(driver, [driver.people.length - 1, 0, c]);
  } else {
    const owner = at(driver.people.slice(0, 5), a);
    if (owner !== undefined) await addService(driver, [['reviewer'], ['supervisor']][b % 2] ?? [], owner.id);
  }
};

const remove: Step = async (driver, [a, b]) => {
  const recording = driver.recordings[1 + (a % 2)];
  if (recording !== undefined && b % 3 === 0) await erase(driver, recording);
};

/** A step-up, which counts for changes and for no decision. */
const stepUpOnly: Step = async (driver, [a]) => {
  const by = at(driver.people, a);
  const browser = by === undefined ? null : await browserOf(driver, by);
  if (browser === null || by?.passkey === undefined || by.passkey === null) return;
  const { challenge_id, options } = await requestChallenge(browser, '/v1/step-up/options');
  await send(driver, browser, '/v1/step-up', { challenge_id, response: by.passkey.prove(options) });
};

/** A request with all that usually follows, by whom it may be; parts are left out, and others do some of them. */
const round: Step = async (driver, [a, b, c]) => {
  if (a % 6 === 5) await setPolicy(driver, [1, b, c]);
  await ask(driver, [a % 7, b, c]);
  await approveByKey(driver, [[0, 3, 4, 0, 3, 4, 5][b % 7] ?? 0, 0, c]);
  if (c % 3 === 0) await approveByKey(driver, [a, 0, c]);
  if (c % 8 === 1) await revoke(driver, [0, 0, 0]);
  if (c % 7 === 2) await extend(driver, [a, 0, 1]);
  await open(driver, [a, 0, b]);
  if (b % 4 === 0) await forward(driver, [a, 0, 0]);
  await listen(driver, [0, 0, 0]);
  if (a % 2 === 0) await extend(driver, [b, 0, b]);
  if (c % 4 === 0) await extend(driver, [b, 0, 1]);
  if (c % 3 === 0) await open(driver, [a, 0, 1]);
};

/** A proof that is given late, again or for something else. */
const signedRound: Step = async (driver, [a, b, c]) => {
  await ask(driver, [b, a, c]);
  if (c % 2 === 0) await ask(driver, [b + 1, c, a]);
  if (c % 6 === 1) await approveUnsigned(driver, [[0, 3, 4][a % 3] ?? 0, 0, 0]);
  await sign(driver, [[0, 1, 3, 4][a % 4] ?? 0, 0, c]);
  if (b % 3 === 0) await forward(driver, [b, 0, 0]);
  if (c % 5 === 0) await setPolicy(driver, [a, b, 1]);
  if (a % 5 === 0) await giveAltered(driver, [0, b, c]);
  await giveSigned(driver, [0, 0, 0]);
  if (c % 5 === 0) await setPolicy(driver, [1, b, 1]);
  if (c % 5 === 0 || b % 4 === 0) await giveSigned(driver, [0, 0, 0]);
  await open(driver, [a, 0, 1]);
};

const TABLE: readonly Step[] = [
  ...[round, round, round, round, round, round, signedRound, signedRound, signedRound, signedRound],
  ...[ask, ask, approveByKey, approveByKey, approveByKey, sign, giveSigned, giveAltered, approveUnsigned, deny],
  ...[open, open, listen, extend, revoke, forward, forward, setPolicy, setPolicy, people, remove, expire, stepUpOnly],
];

const anyStep = fc.tuple(fc.nat(TABLE.length - 1), fc.nat(999), fc.nat(999), fc.nat(999));

/** Steps of a history of so many. */
export const anyHistory = (steps: number) => fc.array(anyStep, { minLength: steps, maxLength: steps });

export async function take(
  driver: Driver,
  [which, ...numbers]: readonly [number, number, number, number],
): Promise<void> {
  await TABLE[which]?.(driver, numbers);
}
