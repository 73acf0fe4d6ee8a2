// A tenant whose people do what they may and what they may not, through the routes of the service.

import { createAuthenticator } from '../../../scripts/demo/authenticator.ts';
import type { Policy } from '../../../src/model/policy.ts';
import { operatorActor } from '../../../src/vault/core/events/events.ts';
import { eraseRecording } from '../../../src/vault/erasure/erase-recording.ts';
import { expireAccess } from '../../../src/vault/listening/expire-access.ts';
import { addPrincipal } from '../../../src/vault/people/add-principal.ts';
import { type Browser, requestChallenge, signInBrowser } from '../browser.ts';
import { stepUp } from '../changes.ts';
import { wav } from '../wav.ts';
import { type KeyHolder, makeWorld, URL_OF_WORLD, type World } from '../world.ts';

const IDLE_MS = 20 * 60_000;
const operator = operatorActor('op-1');
const wait = () => ({ signal: AbortSignal.timeout(600_000) });

/** A person or a service with an API key; `passkey` is a person's who decides in a browser. */
export type Someone = KeyHolder & {
  readonly passkey: ReturnType<typeof createAuthenticator> | null;
  browser?: Browser;
  seen: number;
};

export type SignedBody = {
  readonly by: Someone;
  readonly body: { readonly decisions: object[]; readonly proof: object };
};

/** What exists so far, in order of its creation. */
export type Driver = {
  readonly world: World;
  readonly tenant: string;
  readonly people: Someone[];
  readonly recordings: readonly string[];
  readonly requests: { readonly id: string; readonly by: Someone }[];
  readonly grants: { readonly id: string; readonly by: Someone }[];
  readonly sessions: { readonly id: string; readonly by: Someone }[];
  readonly signed: SignedBody[];
  readonly served: { session: string; at: number }[];
  /** Replies of the service that no client may cause. */
  readonly failed: string[];
  /** Who changes the policy: a person who proposes, and one who approves. */
  readonly privacy: Someone;
  readonly admin: Someone;
};

/** A world with one tenant whose accounts must be an hour old to approve. */
export async function createDriver(): Promise<Driver> {
  const world = await makeWorld({ approverAgeHours: 1 });
  const { tenant, supervisor, reviewer, colleague, privacy, admin } = world.harbour;
  const recordings: string[] = [];
  for (const callId of ['one', 'two', 'three'])
    recordings.push(await world.deposited(world.harbour, callId, wav(1_000)));
  const driver: Driver = {
    ...{ world, tenant, recordings, people: [], requests: [], grants: [], sessions: [] },
    ...{ signed: [], served: [], failed: [] },
    ...{ privacy: someone(privacy, true), admin: someone(admin, true) },
  };
  driver.people.push(someone(supervisor, true), someone(reviewer, true), someone(colleague, false));
  for (const roles of [['supervisor'], ['supervisor', 'reviewer']])
    driver.people.push(someone(await world.person(tenant, roles), true));
  for (const roles of [['supervisor'], ['reviewer']]) await addService(driver, roles, driver.people[3]?.id ?? '');
  // Those added later are too young to approve.
  world.forward(61 * 60_000);
  return driver;
}

export function someone(holder: KeyHolder, hasPasskey: boolean): Someone {
  return { ...holder, passkey: hasPasskey ? createAuthenticator(URL_OF_WORLD) : null, seen: Number.NEGATIVE_INFINITY };
}

/** Adds a service with roles that services do not have yet, with a key. */
export async function addService(
  { world, tenant, people }: Driver,
  roles: readonly string[],
  owner: string,
): Promise<void> {
  const what = { tenant, kind: 'service', name: 'bot', roles, owners: [owner] } as const;
  const id = await addPrincipal(world.vault, operator, what, wait());
  people.push(someone({ id, key: (await world.keyOf(tenant, id)).secret }, false));
}

/** The person's browser, signed in lately and with their passkey; null for others, and for people who are off. */
export async function browserOf({ world, tenant }: Driver, who: Someone): Promise<Browser | null> {
  const { passkey } = who;
  if (passkey === null) return null;
  const now = world.vault.clock.now();
  if (who.browser === undefined || now - who.seen > IDLE_MS) {
    const isFirst = who.browser === undefined;
    const browser = await signInBrowser(world, tenant, who.id).catch(() => null);
    if (browser === null) return null;
    if (isFirst) {
      const { challenge_id, options } = await requestChallenge(browser, '/v1/passkeys/options');
      await browser.call('POST', '/v1/passkeys', {
        json: { challenge_id, response: passkey.make(options), label: 'mine' },
      });
    }
    who.browser = browser;
  }
  who.seen = now;
  return who.browser ?? null;
}

/** Sends a call, by key or in a browser; its body where it succeeded. */
export async function send(
  driver: Driver,
  by: KeyHolder | Browser,
  path: string,
  json: object = {},
): Promise<Record<string, unknown> | null> {
  const reply =
    'key' in by ? await driver.world.call('POST', path, { key: by.key, json }) : await by.call('POST', path, { json });
  if (reply.status >= 500) driver.failed.push(`${path}: ${reply.status}`);
  return reply.ok ? ((await reply.json()) as Record<string, unknown>) : null;
}

/** The policy in force, as it is stored. */
export function policyInForce({ world, tenant }: Driver): { readonly id: string; readonly policy: Policy } {
  const newest = 'select id, body from policy where tenant = ? order by id desc limit 1';
  const { id, body } = world.sql.prepare(newest).get(tenant) as { id: string; body: string };
  return { id, policy: JSON.parse(body) as Policy };
}

/** Proposes a policy, and has it approved: by the admin, or by its own proposer. */
export async function changePolicy(driver: Driver, policy: Policy, isAlone: boolean): Promise<void> {
  const [proposer, approver] = [driver.privacy, isAlone ? driver.privacy : driver.admin];
  const [one, other] = [await browserOf(driver, proposer), await browserOf(driver, approver)];
  if (one === null || other === null || approver.passkey === null) return;
  const what = { kind: 'policy', note: 'as the season asks', base: policyInForce(driver).id, policy };
  const proposed = await send(driver, one, '/v1/changes', what);
  if (proposed === null) return;
  await stepUp({ id: approver.id, browser: other, key: approver.passkey });
  await send(driver, other, `/v1/changes/${String(proposed['id'])}/approve`);
}

export async function erase({ world, tenant }: Driver, recording: string): Promise<void> {
  await eraseRecording(world.vault, operator, { tenant, recording, reason: 'request' }, wait());
}

export async function expire({ world }: Driver): Promise<void> {
  await expireAccess(world.vault, wait());
}
