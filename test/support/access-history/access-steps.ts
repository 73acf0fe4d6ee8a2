// Steps of a history about requests, decisions, grants and listening: each does something to what exists, allowed or not.
import {
  addService,
  browserOf,
  type Driver,
  erase,
  listenTo,
  person,
  type SignedBody,
  type Someone,
  send,
  stepUp,
} from './driver.ts';
import type { SignedDecision } from './state.ts';

export type Numbers = readonly [a: number, b: number, c: number];
export type Step = (driver: Driver, numbers: Numbers) => Promise<void>;

const MINUTE = 60_000;
const DECIDE = '/v1/access-requests/decide';

export const at = <T>(list: readonly T[], n: number): T | undefined =>
  list.length === 0 ? undefined : list[n % list.length];
/** One of the latest: what exists for long is closed. */
export const late = <T>(list: readonly T[], n: number): T | undefined =>
  list.at(-1 - (n % Math.min(3, list.length || 1)));

const wish = (c: number): object => {
  const objects = c % 5 === 0 ? ['audio'] : ['audio', 'transcript'];
  const purpose = c % 4 === 0 ? 'complaint' : 'quality';
  return { purpose, reason: 'a random history', minutes: [5, 15, 45, 90][c % 4], objects };
};

export const ask: Step = async (driver, [a, b, c]) => {
  const [by, recording] = [at(driver.people, a), at(driver.recordings, b)];
  if (by === undefined) return;
  const made = await send(driver, by, '/v1/access-requests', { recording, ...wish(c) });
  if (made !== null) driver.requests.push({ id: String(made['id']), by });
};

export const askMany: Step = async (driver, [a, b, c]) => {
  const by = at(driver.people, a);
  if (by === undefined) return;
  const recordings = driver.recordings.slice(b % 2);
  const made = await send(driver, by, '/v1/access-requests/bulk', { recordings, ...wish(c) });
  for (const one of (made?.['data'] ?? []) as { request: string | null }[])
    if (one.request !== null) driver.requests.push({ id: one.request, by });
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

export const approveByKey: Step = async (driver, [a, b, c]) => {
  const [by, request] = [at(driver.people, a), late(driver.requests, b)];
  if (by === undefined || request === undefined) return;
  const made = await send(driver, by, `/v1/access-requests/${request.id}/approve`, limitsOf(c));
  if (made !== null) granted(driver, request.by, made['grant']);
};

export const approveUnsigned: Step = async (driver, [a, b]) => {
  const request = late(driver.requests, b);
  const browser = await browserOf(driver, at(driver.people, a));
  if (browser === null || request === undefined) return;
  const made = await send(driver, browser, `/v1/access-requests/${request.id}/approve`);
  if (made !== null) granted(driver, request.by, made['grant']);
};

/** A passkey signs decisions on some of the latest requests; they are sent later, perhaps. */
export const sign: Step = async (driver, [a, b, c]) => {
  const by = at(driver.people, a);
  const browser = await browserOf(driver, by);
  if (browser === null || by?.passkey === undefined || by.passkey === null) return;
  const ids = new Set([0, 1, 2].slice(0, 1 + (c % 3)).flatMap((n) => late(driver.requests, b + n)?.id ?? []));
  const decision = c % 7 === 6 ? 'deny' : 'approve';
  const limits = c % 2 === 0 || decision === 'deny' ? {} : { minutes: 4 };
  const wanted = [...ids].map((request) => ({ request, decision, ...limits }));
  const opened = wanted.length === 0 ? null : await send(driver, browser, `${DECIDE}/options`, { decisions: wanted });
  if (opened === null) return;
  const [token, decisions] = [String(opened['challenge_id']), opened['decisions'] as SignedDecision[]];
  const now = driver.world.vault.clock.now();
  driver.oracle.known.signed.set(token.split('.')[0] ?? '', { by: by.id, at: now, decisions });
  const proof = { challenge_id: token, response: by.passkey.prove(opened['options'] as object) };
  driver.signed.push({ by, body: { decisions: [...decisions], proof } });
};

async function give(driver: Driver, { by, body }: SignedBody): Promise<void> {
  const browser = await browserOf(driver, by);
  const made = browser === null ? null : await send(driver, browser, DECIDE, { ...body, reason: 'not now' });
  for (const one of (made?.['data'] ?? []) as { request: string; grant: string | null }[]) {
    const holder = driver.requests.find(({ id }) => id === one.request)?.by;
    if (holder !== undefined && one.grant !== null) granted(driver, holder, one.grant);
  }
}

export const giveSigned: Step = async (driver, [a]) => {
  const one = late(driver.signed, a);
  if (one !== undefined) await give(driver, one);
};

/** What was signed for other requests or limits. */
export const giveAltered: Step = async (driver, [a, b, c]) => {
  const [one, request] = [late(driver.signed, a), late(driver.requests, b)];
  if (one === undefined || request === undefined) return;
  const [first, ...rest] = one.body.decisions;
  const altered = c % 2 === 0 ? { ...first, request: request.id } : { ...first, minutes: 3, objects: ['audio'] };
  await give(driver, { ...one, body: { ...one.body, decisions: [altered, ...(c % 3 === 0 ? [] : rest)] } });
};

export const deny: Step = async (driver, [a, b, c]) => {
  const [by, request] = [at(driver.people, a), late(driver.requests, b)];
  if (by === undefined || request === undefined) return;
  if (c % 3 === 0) await send(driver, request.by, `/v1/access-requests/${request.id}/cancel`);
  else await send(driver, by, `/v1/access-requests/${request.id}/deny`, { reason: 'not now' });
};

export const open: Step = async (driver, [a, b, c]) => {
  const grant = late(driver.grants, b);
  const by = c % 4 === 0 ? at(driver.people, a) : grant?.by;
  if (grant === undefined || by === undefined) return;
  const made = await send(driver, by, `/v1/grants/${grant.id}/sessions`);
  if (made !== null) driver.sessions.push({ id: String(made['id']), by });
};

export const listen: Step = async (driver, [a]) => {
  const session = late(driver.sessions, a);
  if (session !== undefined) await listenTo(driver, session);
};

export const extend: Step = async (driver, [a, b, c]) => {
  const grant = late(driver.grants, b);
  const by = c % 4 === 0 ? at(driver.people, a) : grant?.by;
  if (grant !== undefined && by !== undefined) await send(driver, by, `/v1/grants/${grant.id}/extend`);
};

/** One grant, or all of a person or on a recording. */
export const revoke: Step = async (driver, [a, b, c]) => {
  const [by, grant] = [at([...driver.people, ...driver.officers], a), late(driver.grants, b)];
  if (by === undefined || grant === undefined) return;
  const all = [{ person: grant.by.id }, { recording: at(driver.recordings, b) }][c % 3];
  await send(driver, by, all === undefined ? `/v1/grants/${grant.id}/revoke` : '/v1/grants/revoke', all);
};

export const forward: Step = async (driver, [a]) => {
  driver.world.forward(([1, 1, 3, 3, 6, 12, 50, 70, 500, 73 * 60][a % 10] ?? 1) * MINUTE);
};

/** Operators add people and services, and deactivate them. */
export const operate: Step = async (driver, [a, b, c]) => {
  const { world, tenant, people } = driver;
  if (c % 3 === 0) {
    const gone = at(people.slice(3), a);
    if (gone !== undefined) await world.turnOff(tenant, gone.id).catch(() => undefined);
  } else if (c % 3 === 1) {
    people.push(await person(driver, [['reviewer'], ['supervisor']][b % 2] ?? [], b % 2 === 1));
    // At once, as if they were old enough.
    await ask(driver, [1, b, c]);
    await approveByKey(driver, [people.length - 1, 0, c]);
  } else {
    const owner = at(people.slice(0, 5), a);
    if (owner !== undefined) await addService(driver, [['reviewer'], ['supervisor']][b % 2] ?? [], owner.id);
  }
};

export const remove: Step = async (driver, [a, b]) => {
  const recording = driver.recordings[1 + (a % 2)];
  if (recording !== undefined && b % 3 === 0) await erase(driver, recording);
};

/** A step-up, which counts for changes and for no decision. */
export const stepUpOnly: Step = async (driver, [a]) => {
  const by = at(driver.people, a);
  const browser = await browserOf(driver, by);
  if (browser !== null && by !== undefined) await stepUp(by, browser);
};
