// Who takes part in a replay: two tenants with their API keys, and two operators who sign with passkeys, over HTTP.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAuthenticator } from '../../../scripts/demo/authenticator.ts';
import { browserOver } from '../../../scripts/demo/browser.ts';
import type { Browser } from '../../support/browser.ts';
import { signChange, signingBrowser } from '../../support/changes.ts';
import { startWaiting } from '../../support/waiting-command.ts';
import { wav } from '../../support/wav.ts';
import type { RequestOptions } from '../../support/world.ts';
import { makePlace, type Place, type ReplayEngine } from './place.ts';

/** A tenant with the API key of what uploads its calls. */
export type Uploading = { readonly tenant: string; readonly uploader: string };

/** API keys of a tenant's people, and of what uploads. */
export type Keys = { readonly uploader: string; readonly reviewer: string; readonly approver: string };

/** A tenant whose people ask and approve: whose API keys these are, and the keys. */
export type Cast = Uploading & { readonly ids: Keys; readonly keys: Keys };

export type Stage = Place & { readonly harbour: Cast; readonly yunhai: Uploading };

/** What is said of the calls is kept five years. Those of the queue `short` would go after a day. */
const RULES = {
  v: 1,
  grace: 'P1D',
  keep: [{ id: 'law', name: 'Law', law: 'Act 1, s. 2', when: { queue: ['care'] }, from: 'call', for: 'P5Y' }],
  erase: [
    { id: 'short', name: 'Short', when: { queue: ['short'] }, from: 'call', for: 'P1D' },
    { id: 'rest', name: 'Rest', when: {}, from: 'call', for: 'P6Y' },
  ],
};

const PEOPLE = [
  '--admin',
  'Ann',
  '--approver',
  'Sue',
  '--reviewer',
  'Rea',
  '--privacy',
  'Pia',
  '--service',
  'FreeSWITCH',
];
const TENANT = ['--tenant', 'Harbour Bank', '--country', 'GB', '--default-basis', 'contract'];

/** A deployment with two tenants under the same rules, whose server does not run. `options`, `more`: of `makePlace`. */
export async function makeStage(
  engine: ReplayEngine,
  aheadMs: number,
  options: readonly string[] = [],
  more: Readonly<Record<string, string>> = {},
): Promise<Stage> {
  const all = [...TENANT, ...PEOPLE, '--operator', 'night-shift', ...options];
  const place = await makePlace(engine, aheadMs, all, more);
  try {
    const { json, run, made } = place;
    const named = made['principals'] as readonly { readonly id: string; readonly as: string }[];
    const idOf = (role: string): string => named.find((one) => one.as === role)?.id ?? '';
    const tenant = String(made['tenant']);
    const ids = { uploader: idOf('service'), reviewer: idOf('reviewer'), approver: idOf('approver') };
    const [keys, yunhai] = await Promise.all([
      newKeys(tenant, ids, async (command) => (await json(...command))['secret']),
      moreTenant(place, 'Yunhai'),
      run(['tenants', 'api-key-decisions', tenant, 'on']),
    ]);
    const harbour = { tenant, uploader: keys.uploader, ids, keys };
    const file = join(place.folder, 'rules.json');
    writeFileSync(file, JSON.stringify({ base: null, rules: RULES }));
    await Promise.all([harbour, yunhai].map(({ tenant: of }) => json('retention', 'propose', file, '--tenant', of)));
    return { ...place, harbour, yunhai };
  } catch (error) {
    await place.end();
    throw error;
  }
}

/** One more tenant, which has only what uploads. */
export async function moreTenant({ json }: Place, name: string): Promise<Uploading> {
  const first = ['--country', 'CN', '--default-basis', 'contract', '--admin', 'Li', '--approver', 'Wang'];
  const made = await json('tenants', 'create', name, ...first);
  const tenant = String(made['tenant']);
  const owner = String((made['approvers'] as readonly string[])[0]);
  const service = String((await json('services', 'add', 'pbx', '--tenant', tenant, '--owner', owner))['id']);
  const key = await json(...newKeyOf(tenant, service));
  return { tenant, uploader: String(key['secret']) };
}

/** The command for a new API key. */
export function newKeyOf(tenant: string, principal: string): readonly string[] {
  return ['api-keys', 'create', '--tenant', tenant, '--principal', principal];
}

/** New API keys of the same people. `secretOf`: of the key that this command makes. */
export async function newKeys(
  tenant: string,
  ids: Keys,
  secretOf: (command: readonly string[]) => Promise<unknown>,
): Promise<Keys> {
  const key = async (principal: string): Promise<string> => String(await secretOf(newKeyOf(tenant, principal)));
  // One after the other: the same passkeys sign for each, and their counters only rise.
  return { uploader: await key(ids.uploader), reviewer: await key(ids.reviewer), approver: await key(ids.approver) };
}

/** A reply of the service. */
export type Reply = { readonly status: number; readonly code: unknown; readonly body: Record<string, unknown> };

/** The service closes connections that it does not hear of for some seconds, which a clock that is moved on makes pass. */
const NO_REUSE = { connection: 'close' };

/** Sends a request with an API key. */
export async function send(url: string, key: string, method: string, path: string, json?: object): Promise<Reply> {
  const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
  const headers = {
    ...NO_REUSE,
    authorization: `Bearer ${key}`,
    ...(json === undefined ? {} : { 'content-type': type }),
  };
  const body = json === undefined ? {} : { body: JSON.stringify(json) };
  return replyOf(await fetch(`${url}${path}`, { method, headers, ...body }));
}

async function replyOf(reply: Response): Promise<Reply> {
  const text = await reply.text();
  const body = (text.startsWith('{') ? JSON.parse(text) : {}) as Record<string, unknown>;
  return { status: reply.status, code: body['code'], body };
}

/** Uploads a call, which began when `started` says, or now. */
export async function upload(url: string, { uploader }: Uploading, call: string, started?: string): Promise<Reply> {
  const said = started === undefined ? {} : { 'vault-meta-started-at': started };
  const headers = {
    ...NO_REUSE,
    authorization: `Bearer ${uploader}`,
    'content-type': 'audio/wav',
    'vault-meta-queue': 'care',
  };
  const sound = new Uint8Array(wav(4_000));
  return replyOf(
    await fetch(`${url}/v1/ingest/pbx/${call}`, { method: 'PUT', headers: { ...headers, ...said }, body: sound }),
  );
}

/** Asks for a call for a minute, approves, and opens a session. Its media path. */
export async function openMinute(url: string, { keys }: Cast, recording: string): Promise<string> {
  const done = async (key: string, path: string, json?: object): Promise<Record<string, unknown>> => {
    const reply = await send(url, key, 'POST', path, json);
    if (reply.status >= 300) throw new Error(`${path}: ${reply.status} ${JSON.stringify(reply.body)}`);
    return reply.body;
  };
  const wish = { recording, purpose: 'quality', reason: 'a complaint about this call', minutes: 1 };
  const asked = await done(keys.reviewer, '/v1/access-requests', wish);
  const decided = await done(keys.approver, `/v1/access-requests/${String(asked['id'])}/approve`);
  const { id } = decided['grant'] as { readonly id: string };
  return String((await done(keys.reviewer, `/v1/grants/${id}/sessions`))['media']);
}

/** Passkeys of two operators: of the one who runs commands, and of the other. */
export type Operators = readonly [Passkey, Passkey];
type Passkey = ReturnType<typeof createAuthenticator>;

/** Adds two operators, who sign in by links and add a passkey. */
export async function addOperators({ json, url }: Place): Promise<Operators> {
  const secretOf = async (code: string): Promise<string> => {
    const id = String((await json('operators', 'add', code))['id']);
    const { link } = await json('people', 'link', id, '--tenant', 'deployment');
    return /#(\S+)$/.exec(String(link))?.[1] ?? '';
  };
  // Both before one of them has a passkey: from then on a link needs the other.
  const [first, second] = await Promise.all([secretOf('night-shift'), secretOf('day-shift')]);
  return [await addPasskey(url, first), await addPasskey(url, second)];
}

async function addPasskey(url: string, secret: string): Promise<Passkey> {
  const browser = newBrowser(url);
  await sent(browser, 'POST', '/v1/sign-in/link', { secret });
  const key = createAuthenticator(url);
  const { challenge_id, options } = await sent(browser, 'POST', '/v1/passkeys/options');
  await sent(browser, 'POST', '/v1/passkeys', { challenge_id, response: key.make(options as object), label: 'mine' });
  return key;
}

/** Runs a command that waits for two operators: both sign in by passkey, one signs its change, the other approves. */
export async function byTwo(
  place: Place,
  [first, second]: Operators,
  args: readonly string[],
  meanwhile: () => Promise<void> = async () => undefined,
) {
  const { change, ended } = await startWaiting(place.environment(), ...args);
  await meanwhile();
  await signChange(await signIn(place.url, first), first, change);
  const browser = signingBrowser(await signIn(place.url, second), second);
  const approved = await browser.call('POST', `/v1/changes/${change}/approve`);
  if (approved.status !== 200) throw new Error(`approving: ${approved.status} ${await approved.text()}`);
  return ended;
}

async function signIn(url: string, key: Passkey): Promise<Browser> {
  const browser = newBrowser(url);
  const { challenge_id, options } = await sent(browser, 'POST', '/v1/sign-in/passkey/options');
  await sent(browser, 'POST', '/v1/sign-in/passkey', { challenge_id, response: key.prove(options as object) });
  return browser;
}

function newBrowser(base: string): Browser {
  return browserOver<RequestOptions>((method, path, { headers, json }) =>
    fetch(`${base}${path}`, {
      method,
      headers: { ...NO_REUSE, ...headers, ...(json === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    }),
  );
}

async function sent(browser: Browser, method: string, path: string, json?: object): Promise<Record<string, unknown>> {
  const reply = await browser.call(method, path, json === undefined ? {} : { json });
  if (reply.status >= 300) throw new Error(`${method} ${path}: ${reply.status} ${await reply.text()}`);
  return (await reply.json()) as Record<string, unknown>;
}
