// People who propose and approve changes, in browsers with passkeys.
import { createHash } from 'node:crypto';
import type { createAuthenticator } from '../../scripts/demo/authenticator.ts';
import { addPasskeyTo, type Browser, requestChallenge, signInBrowser } from './browser.ts';
import type { World } from './world.ts';

/** A person with a passkey, signed in. */
export type SteppingUp = {
  readonly id: string;
  readonly browser: Browser;
  readonly key: ReturnType<typeof createAuthenticator>;
};

/** A person of the tenant, or an operator, with a passkey, just confirmed. */
export async function withPasskey(world: World, tenant: string, id: string): Promise<SteppingUp> {
  const browser = await signInBrowser(world, tenant, id);
  const one = { id, browser, key: await addPasskeyTo(browser) };
  await stepUp(one);
  return one;
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
  type Parsed = { action: string; actor: object; object: Record<string, unknown>; detail?: string };
  return found.map(({ leaf }) => JSON.parse(Buffer.from(leaf).toString()) as Parsed);
}

/** The digest of what a change did, from the events that name it: by the words of docs/changes.md, not by our code. */
export async function effectsInLog(world: World, log: string, change: string): Promise<string> {
  const lines = (await eventsOf(world, log))
    .filter(({ action, object }) => object['change'] === change && !action.startsWith('change.'))
    .map(({ action, object: { id, roles, sha256 } }) => `${action} ${String(id)} ${String(roles ?? sha256 ?? '-')}\n`);
  return createHash('sha256').update(lines.sort().join('')).digest('hex');
}

/** The part of the log about changes and what they do. */
export async function changeEventsOf(world: World, log: string) {
  return (await eventsOf(world, log)).filter(({ action }) =>
    /^(change\.[^r]|change\.refused|tenant\.changed|policy\.changed)/.test(action),
  );
}
