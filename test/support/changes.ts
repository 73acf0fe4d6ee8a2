// People who propose and approve changes, in browsers with passkeys.
import { createHash } from 'node:crypto';
import type { createAuthenticator } from '../../scripts/demo/authenticator.ts';
import { addPasskeyTo, type Browser, requestChallenge, signInBrowser } from './browser.ts';
import type { World } from './world.ts';

/** A person with a passkey, signed in. `browser` signs changes as the console does: right after their proposal, and to approve. */
export type SteppingUp = {
  readonly id: string;
  readonly browser: Browser;
  readonly key: ReturnType<typeof createAuthenticator>;
};

/** A person of the tenant, or an operator, with a passkey, just confirmed. */
export async function withPasskey(world: World, tenant: string, id: string): Promise<SteppingUp> {
  const browser = await signInBrowser(world, tenant, id);
  const key = await addPasskeyTo(browser);
  const one = { id, browser: signingBrowser(browser, key), key };
  await stepUp(one);
  return one;
}

/** A browser that signs changes with a passkey. */
export function signingBrowser(browser: Browser, key: SteppingUp['key']): Browser {
  return {
    ...browser,
    call: async (method, path, sent = {}) => {
      if (method === 'POST' && /^\/v1\/changes\/[^/]+\/approve$/.test(path) && sent.json === undefined)
        return browser.call(method, path, { ...sent, json: (await signatureOf(browser, key, path)) ?? {} });
      const reply = await browser.call(method, path, sent);
      if (method !== 'POST' || path !== '/v1/changes' || reply.status !== 201) return reply;
      const { id } = (await reply.clone().json()) as { id: string };
      await signChange(browser, key, id);
      return reply;
    },
  };
}

/** Signs a change as its proposer, unless it is signed already or can no longer be. */
export async function signChange(browser: Browser, key: SteppingUp['key'], id: string): Promise<void> {
  const change = (await (await browser.call('GET', `/v1/changes/${id}`)).json()) as { state: string; signed: unknown };
  if (change.state !== 'open' || change.signed !== null) return;
  const path = `/v1/changes/${id}/sign`;
  const reply = await browser.call('POST', path, { json: (await signatureOf(browser, key, path)) ?? {} });
  if (reply.status !== 200) throw new Error(`signing a change: ${reply.status} ${await reply.text()}`);
}

/** What a passkey signs for a path of a change; null where it cannot be signed. */
export async function signatureOf(browser: Browser, key: SteppingUp['key'], path: string) {
  const opened = await browser.call('POST', path.replace(/[^/]+$/, 'options'));
  if (opened.status !== 200) return null;
  return { response: key.prove(((await opened.json()) as { options: object }).options) };
}

/** Confirms with the person's passkey. */
export async function stepUp({ browser, key }: SteppingUp): Promise<void> {
  const { challenge_id, options } = await requestChallenge(browser, '/v1/step-up/options');
  const reply = await browser.call('POST', '/v1/step-up', { json: { challenge_id, response: key.prove(options) } });
  if (reply.status !== 200) throw new Error(`stepping up: ${reply.status} ${await reply.text()}`);
}

/** The events of a log, parsed, from an index on. */
export async function eventsOf({ vault }: World, log: string, from = 0) {
  const found = await vault.db.read((rows) => rows.log.events(log, from, 10_000), {
    signal: AbortSignal.timeout(60_000),
  });
  type Parsed = {
    id: string;
    seq: number;
    ts: string;
    action: string;
    actor: object;
    object: Record<string, unknown>;
    detail?: string;
  };
  return found.map(({ leaf }) => JSON.parse(Buffer.from(leaf).toString()) as Parsed);
}

/** The digest of what a change did, from the events that name it: by the words of docs/changes.md, not by our code. */
export async function effectsInLog(world: World, log: string, change: string): Promise<string> {
  const lines = (await eventsOf(world, log))
    .filter(({ action, object }) => object['change'] === change && !action.startsWith('change.'))
    .map(({ action, object: { id, roles, code, sha256, principal, scopes, how, wrap, key, lost, from } }) => {
      const wrong = action.startsWith('clock.') ? from : undefined;
      const parameters = [principal, scopes, how, wrap, how === 'given-key' ? key : undefined, lost, wrong];
      const said = parameters.filter((one) => one !== undefined).join(',');
      const who = code === undefined ? roles : `${String(roles)},${String(code)}`;
      return `${action} ${String(id)} ${String(who ?? sha256 ?? (said === '' ? '-' : said))}\n`;
    });
  return createHash('sha256').update(lines.sort().join('')).digest('hex');
}

/** The part of the log about changes and what they do. */
export async function changeEventsOf(world: World, log: string) {
  return (await eventsOf(world, log)).filter(({ action }) =>
    /^(change\.[^r]|change\.refused|tenant\.changed|policy\.changed)/.test(action),
  );
}
