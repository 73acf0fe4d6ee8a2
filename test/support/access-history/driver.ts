// A tenant whose people do what they may and what they may not, through the routes of the service.
import { createAuthenticator } from '../../../scripts/demo/authenticator.ts';
import { hasCode } from '../../../src/errors.ts';
import type { Leaf } from '../../../src/model/log/leaf.ts';
import { readLeaf } from '../../../src/model/log/leaf.ts';
import type { Policy } from '../../../src/model/policy.ts';
import { operatorActor } from '../../../src/vault/core/events/events.ts';
import { eraseRecording } from '../../../src/vault/erasure/erase-recording.ts';
import { expireAccess } from '../../../src/vault/listening/expire-access.ts';
import { addPrincipal } from '../../../src/vault/people/add-principal.ts';
import { createTenant } from '../../../src/vault/tenants/create-tenant.ts';
import { type Browser, browserOf as newBrowser, requestChallenge, signInBrowser } from '../browser.ts';
import { wav } from '../wav.ts';
import { URL_OF_WORLD, type World } from '../world.ts';
import { callingFor, routeOf } from './loosened.ts';
import { createOracle, type Oracle } from './oracle.ts';

const IDLE_MS = 20 * 60_000;
/** An API key lasts 30 days. */
const KEY_MS = 25 * 86_400_000;
const operator = operatorActor('op-1');
const wait = () => ({ signal: AbortSignal.timeout(600_000) });

/** A person or a service with an API key; `passkey` is a person's who decides in a browser. */
export type Someone = {
  readonly id: string;
  readonly passkey: ReturnType<typeof createAuthenticator> | null;
  key: string;
  /** When the key was made. */
  keyed: number;
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
  /** The API key of a service that uploads. */
  readonly uploader: string;
  readonly oracle: Oracle;
  /** Reviewers, supervisors and services. */
  readonly people: Someone[];
  /** Privacy, admin, and another of each. */
  readonly officers: readonly Someone[];
  readonly recordings: readonly string[];
  readonly requests: { readonly id: string; readonly by: Someone }[];
  readonly grants: { readonly id: string; readonly by: Someone }[];
  readonly sessions: { readonly id: string; readonly by: Someone }[];
  readonly signed: SignedBody[];
  readonly changes: { readonly id: string; readonly kind: string; readonly by: Someone }[];
  readonly teams: string[];
  readonly batches: { readonly id: string; readonly by: Someone }[];
  readonly assigned: { readonly grant: string; readonly recording: string }[];
  /** Replies of the service that no client may cause. */
  readonly failed: string[];
  /** How often each action had its effect, and content was served. */
  readonly did: Map<string, number>;
  /** How much of the log the oracle has seen. */
  read: number;
};

const QUEUES = ['Sales', 'Care', null, 'Sales'] as const;

/** A tenant with its people, whose accounts must be an hour old to approve, and a call of each queue. */
export async function createDriver(world: World): Promise<Driver> {
  const { vault } = world;
  const first = { admin: 'Ann', approvers: ['Sue'], approverAgeHours: 1, apiKeyDecisions: true };
  const named = { name: 'Harbour Bank', country: 'GB', defaultBasis: 'consent', consent: 'any', ...first } as const;
  const { tenant, admin, approvers } = await createTenant(vault, operator, named, wait());
  const uploader = { tenant, kind: 'service', name: 'pbx', roles: ['uploader'], owners: approvers } as const;
  const pbx = (await world.keyOf(tenant, await addPrincipal(vault, operator, uploader, wait()))).secret;
  const oracle = createOracle();
  const recordings: string[] = [];
  for (const queue of QUEUES) recordings.push(await deposit(world, pbx, recordings.length, queue, oracle));
  const officers: Someone[] = [];
  const driver: Driver = {
    ...{
      world,
      tenant,
      uploader: pbx,
      oracle,
      recordings,
      people: [],
      officers,
      requests: [],
      grants: [],
      sessions: [],
    },
    ...{ signed: [], changes: [], teams: [], batches: [], assigned: [], failed: [], did: new Map(), read: 0 },
  };
  const { people } = driver;
  people.push(await someone(driver, approvers[0] ?? '', true));
  people.push(await person(driver, ['reviewer'], true), await person(driver, ['reviewer'], false));
  people.push(await person(driver, ['supervisor'], true), await person(driver, ['reviewer', 'supervisor'], true));
  for (const roles of [['supervisor'], ['reviewer']]) await addService(driver, roles, people[3]?.id ?? '');
  officers.push(await person(driver, ['privacy'], true), await someone(driver, admin, true));
  officers.push(await person(driver, ['privacy'], true), await person(driver, ['admin'], true));
  // Those added later are too young to approve.
  world.forward(61 * 60_000);
  await catchUp(driver);
  return driver;
}

async function deposit({ call }: World, key: string, n: number, queue: string | null, { known }: Oracle) {
  const headers = queue === null ? {} : { 'vault-meta-queue': queue };
  const sent = { key, type: 'audio/wav', headers, body: wav(1_000) };
  const reply = await call('PUT', `/v1/ingest/pbx/call-${n}`, sent);
  const { recording } = (await reply.json()) as { recording: string };
  known.queues.set(recording, queue ?? '');
  return recording;
}

async function someone({ world, tenant }: Driver, id: string, hasPasskey: boolean): Promise<Someone> {
  const passkey = hasPasskey ? createAuthenticator(URL_OF_WORLD) : null;
  const key = (await world.keyOf(tenant, id)).secret;
  return { id, key, keyed: world.vault.clock.now(), passkey, seen: Number.NEGATIVE_INFINITY };
}

/** A person whom an operator adds. */
export async function person(driver: Driver, roles: readonly string[], hasPasskey: boolean): Promise<Someone> {
  const { world, tenant } = driver;
  const what = { tenant, kind: 'person', name: 'Rita', roles, owners: [] } as const;
  return someone(driver, await addPrincipal(world.vault, operator, what, wait()), hasPasskey);
}

/** Adds a service with roles that services do not have yet, with a key. */
/** A service of this owner; none where they were deactivated. */
export async function addService(driver: Driver, roles: readonly string[], owner: string): Promise<void> {
  const { world, tenant, people } = driver;
  const what = { tenant, kind: 'service', name: 'bot', roles, owners: [owner] } as const;
  const id = await addPrincipal(world.vault, operator, what, wait()).catch((error: unknown) => {
    if (hasCode(error, 'not_found')) return null;
    throw error;
  });
  if (id !== null) people.push(await someone(driver, id, false));
}

/** The person's browser, signed in lately and with their passkey; null for others, and for people who are off. */
export async function browserOf(driver: Driver, who: Someone | undefined): Promise<Browser | null> {
  if (who === undefined || who.passkey === null) return null;
  const now = driver.world.vault.clock.now();
  if (who.browser === undefined || now - who.seen > IDLE_MS) {
    callingFor('sign-in');
    const browser = await (who.browser === undefined ? signInByLink(driver, who) : signInByPasskey(driver, who));
    if (browser === null) return null;
    who.browser = browser;
  }
  who.seen = now;
  return who.browser ?? null;
}

/** The first time, which adds the passkey. */
async function signInByLink({ world, tenant }: Driver, { id, passkey }: Someone): Promise<Browser | null> {
  const browser = await signInBrowser(world, tenant, id).catch(() => null);
  if (browser === null || passkey === null) return null;
  const { challenge_id, options } = await requestChallenge(browser, '/v1/passkeys/options');
  const json = { challenge_id, response: passkey.make(options), label: 'mine' };
  return (await browser.call('POST', '/v1/passkeys', { json })).ok ? browser : null;
}

async function signInByPasskey({ world }: Driver, { passkey }: Someone): Promise<Browser | null> {
  const browser = newBrowser(world);
  if (passkey === null) return null;
  const { challenge_id, options } = await requestChallenge(browser, '/v1/sign-in/passkey/options');
  const json = { challenge_id, response: passkey.prove(options) };
  return (await browser.call('POST', '/v1/sign-in/passkey', { json })).ok ? browser : null;
}

/** Confirms with the person's passkey. */
export async function stepUp({ passkey }: Someone, browser: Browser): Promise<void> {
  if (passkey === null) return;
  callingFor('step-up');
  const { challenge_id, options } = await requestChallenge(browser, '/v1/step-up/options');
  if (options === undefined) return;
  await browser.call('POST', '/v1/step-up', { json: { challenge_id, response: passkey.prove(options) } });
}

/** Sends a call, by key or in a browser; its body where it succeeded. `kind`: of a change. */
export async function send(
  driver: Driver,
  by: Someone | Browser,
  path: string,
  json: object = {},
  kind?: string,
): Promise<Record<string, unknown> | null> {
  if ('key' in by) await renewKey(driver, by);
  callingFor(kind === undefined ? routeOf(path) : `changes.${kind}`);
  const reply =
    'key' in by ? await driver.world.call('POST', path, { key: by.key, json }) : await by.call('POST', path, { json });
  if (reply.status >= 500) driver.failed.push(`${path}: ${reply.status}`);
  return reply.ok ? ((await reply.json()) as Record<string, unknown>) : null;
}

async function renewKey({ world, tenant }: Driver, who: Someone): Promise<void> {
  const now = world.vault.clock.now();
  if (now - who.keyed > KEY_MS) Object.assign(who, { keyed: now, key: await newKey(world, tenant, who) });
}

/** Another key, with the scopes of the roles now; the old one of people who are off. */
function newKey({ keyOf }: World, tenant: string, { id, key }: Someone): Promise<string> {
  return keyOf(tenant, id).then(
    ({ secret }) => secret,
    () => key,
  );
}

/** Reads content of a session. */
export async function listenTo(driver: Driver, session: { readonly id: string; readonly by: Someone }): Promise<void> {
  const { world, oracle, did } = driver;
  callingFor('listen');
  const headers = { range: 'bytes=0-99' };
  const reply = await world.call('GET', `/v1/sessions/${session.id}/media`, { key: session.by.key, headers });
  // A session that ends while it is read resets the connection.
  const content = await reply.arrayBuffer().catch(() => null);
  if (!reply.ok || content === null) return;
  await catchUp(driver);
  oracle.served(session.id, world.vault.clock.now());
  did.set('served', (did.get('served') ?? 0) + 1);
}

/** Gives the oracle what is new in the log, and the driver who and what is new in it. */
export async function catchUp(driver: Driver): Promise<void> {
  const { world, tenant, oracle, did } = driver;
  callingFor('');
  const events = await world.vault.db.read((rows) => rows.log.events(tenant, driver.read, 10_000), wait());
  driver.read += events.length;
  for (const leaf of events.flatMap((one) => readLeaf(one.leaf) ?? [])) {
    if (leaf.action === 'policy.changed' || leaf.action === 'tenant.created') await notePolicies(driver);
    oracle.follow(leaf);
    if (leaf.outcome !== 'ok') continue;
    did.set(leaf.action, (did.get(leaf.action) ?? 0) + 1);
    if (leaf.action === 'team.changed' && !driver.teams.includes(leaf.object.id)) driver.teams.push(leaf.object.id);
    await notePeople(driver, leaf);
  }
}

async function notePolicies({ world, tenant, oracle }: Driver): Promise<void> {
  const stored = await world.vault.db.read((rows) => rows.tenants.policies(tenant, null, 100), wait());
  for (const { id, body } of stored.toReversed()) oracle.known.policies.set(id, body);
}

/** People whom a change adds get a key, and those who get roles one with the scopes of these. */
async function notePeople(driver: Driver, { action, object }: Leaf): Promise<void> {
  const { world, tenant, people, officers } = driver;
  if (object['change'] === undefined) return;
  if (action === 'person.added') people.push(await someone(driver, object.id, true));
  if (action !== 'person.changed') return;
  const who = [...people, ...officers].find(({ id }) => id === object.id);
  if (who !== undefined) who.key = await newKey(world, tenant, who);
}

/** The policy in force, as it is stored. */
export async function policyInForce({ world, tenant }: Driver): Promise<{ id: string; policy: Policy }> {
  const row = await world.vault.db.read((rows) => rows.tenants.policy(tenant), wait());
  return { id: row?.id ?? '', policy: JSON.parse(row?.body ?? '{}') as Policy };
}

export async function erase({ world, tenant }: Driver, recording: string): Promise<void> {
  await eraseRecording(world.vault, operator, { tenant, recording, reason: 'request' }, wait());
}

export async function expire({ world }: Driver): Promise<void> {
  callingFor('');
  await expireAccess(world.vault, wait());
}
