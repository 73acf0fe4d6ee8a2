// A browser for tests: it stores cookies and sends the headers that name its page.

import { type AnswerDefects, createAuthenticator } from '../../scripts/demo/authenticator.ts';
import { type Browser as BrowserOver, browserOver } from '../../scripts/demo/browser.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { createLink } from '../../src/vault/sign-in/links.ts';
import { type RequestOptions, URL_OF_WORLD, type World } from './world.ts';

export type Browser = BrowserOver<RequestOptions>;

/** A browser without cookies, on a page of the vault. */
export function browserOf(world: Pick<World, 'call'>): Browser {
  return browserOver((method, path, sent) => world.call(method, path, sent));
}

/** Creates a sign-in link for a person, as the operator's command does, and returns its secret. */
export async function createSignInLink(
  { vault }: Pick<World, 'vault'>,
  tenant: string,
  principal: string,
  more: { readonly minutes?: number; readonly replacePasskeys?: boolean } = {},
): Promise<string> {
  const whom = { tenant, principal, minutes: 15, replacePasskeys: false, ...more };
  return (await createLink(vault, operatorActor('op-1'), whom, { signal: AbortSignal.timeout(600_000) })).secret;
}

/** A browser in which the person has signed in by a link. */
export async function signInBrowser(world: World, tenant: string, principal: string): Promise<Browser> {
  const browser = browserOf(world);
  const secret = await createSignInLink(world, tenant, principal);
  const reply = await browser.call('POST', '/v1/sign-in/link', { json: { secret } });
  if (reply.status !== 200) throw new Error(`signing in: ${reply.status} ${await reply.text()}`);
  return browser;
}

/** The options for creating or using a passkey. */
export type Challenge = { readonly challenge_id: string; readonly options: object };

/** Requests a challenge from a path that issues one. */
export async function requestChallenge(browser: Browser, path: string): Promise<Challenge> {
  return (await (await browser.call('POST', path)).json()) as Challenge;
}

/** Adds a passkey to a browser that has just signed in. */
export async function addPasskeyTo(browser: Browser): Promise<ReturnType<typeof createAuthenticator>> {
  const key = createAuthenticator(URL_OF_WORLD);
  const { challenge_id, options } = await requestChallenge(browser, '/v1/passkeys/options');
  const json = { challenge_id, response: key.make(options), label: 'mine' };
  const reply = await browser.call('POST', '/v1/passkeys', { json });
  if (reply.status !== 201) throw new Error(`adding a passkey: ${reply.status} ${await reply.text()}`);
  return key;
}

type Authenticator = ReturnType<typeof createAuthenticator>;

/** A further passkey as the browser made it, and the proof that another one has to give. */
export async function openFurther(browser: Browser, made = createAuthenticator(URL_OF_WORLD)) {
  const { challenge_id, options } = await requestChallenge(browser, '/v1/passkeys/options');
  const registration = { challenge_id, response: made.make(options) };
  const reply = await browser.call('POST', '/v1/passkeys/proof/options', { json: registration });
  if (reply.status !== 200) throw new Error(`opening a proof: ${reply.status} ${await reply.text()}`);
  return { made, registration, opened: (await reply.json()) as Challenge & { readonly passkey: string } };
}

/** The body that adds a further passkey, confirmed by this one. */
export function furtherBody(
  { registration, opened }: Pick<Awaited<ReturnType<typeof openFurther>>, 'registration' | 'opened'>,
  by: Authenticator,
  wrong: AnswerDefects = {},
) {
  const { passkey, challenge_id } = opened;
  return {
    ...registration,
    label: 'further',
    proof: { passkey, challenge_id, response: by.prove(opened.options, wrong) },
  };
}

/** Adds a further passkey, confirmed by one that the person already has. */
export async function addFurtherPasskey(browser: Browser, by: Authenticator): Promise<Authenticator> {
  const further = await openFurther(browser);
  const reply = await browser.call('POST', '/v1/passkeys', { json: furtherBody(further, by) });
  if (reply.status !== 201) throw new Error(`adding a passkey: ${reply.status} ${await reply.text()}`);
  return further.made;
}
