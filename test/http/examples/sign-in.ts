// Examples: signing in and out, passkeys. Those that end sessions have browsers that no other example uses.
import { createAuthenticator } from '../../../scripts/demo/authenticator.ts';
import {
  type Browser,
  browserOf,
  createSignInLink,
  furtherBody,
  openFurther,
  requestChallenge,
  signInBrowser,
} from '../../support/browser.ts';
import { URL_OF_WORLD, type World } from '../../support/world.ts';
import { bodyOf, type Examples, newcomer } from './example.ts';

async function signedIn(world: World): Promise<Browser> {
  return signInBrowser(world, world.harbour.tenant, (await newcomer(world, 'reviewer')).id);
}

/** A browser whose person has a passkey. */
async function withPasskey(world: World) {
  const [browser, key] = [await signedIn(world), createAuthenticator(URL_OF_WORLD)];
  const { challenge_id, options } = await requestChallenge(browser, '/v1/passkeys/options');
  const json = { challenge_id, response: key.make(options), label: 'known' };
  return { browser, key, id: (await bodyOf(browser.call('POST', '/v1/passkeys', { json }))).id };
}

export const signIn: Examples = {
  signInByLink: async (world) => {
    const { id } = await newcomer(world, 'reviewer');
    const secret = await createSignInLink(world, world.harbour.tenant, id);
    return { by: browserOf(world), path: '/v1/sign-in/link', sent: { json: { secret } } };
  },
  signInByPasskey: async (world) => {
    const [by, { key }] = [browserOf(world), await withPasskey(world)];
    const { challenge_id, options } = await requestChallenge(by, '/v1/sign-in/passkey/options');
    return { by, path: '/v1/sign-in/passkey', sent: { json: { challenge_id, response: key.prove(options) } } };
  },
  createPasskey: async (world) => {
    const { browser, key } = await withPasskey(world);
    const json = furtherBody(await openFurther(browser), key);
    return { by: browser, path: '/v1/passkeys', sent: { json } };
  },
  stepUp: async (world) => {
    const { browser, key } = await withPasskey(world);
    const { challenge_id, options } = await requestChallenge(browser, '/v1/step-up/options');
    return { by: browser, path: '/v1/step-up', sent: { json: { challenge_id, response: key.prove(options) } } };
  },
  deletePasskey: async (world) => {
    const { browser, id } = await withPasskey(world);
    return { by: browser, path: `/v1/passkeys/${id}` };
  },
  signOut: async (world) => ({ by: await signedIn(world), path: '/v1/sign-in' }),
  signOutEverywhere: async (world) => ({ by: await signedIn(world), path: '/v1/sign-ins' }),
};
