// Examples of the operations that write no event.
import { createAuthenticator } from '../../../scripts/demo/authenticator.ts';
import { browserOf, requestChallenge } from '../../support/browser.ts';
import { ingestKeyOf } from '../../support/sealed-files.ts';
import { URL_OF_WORLD } from '../../support/world.ts';
import { type Examples, newcomer, newcomerWithPasskey } from './example.ts';

/** Operations without an event: they describe the caller, return a public key, or create a challenge that is useless without an answer. */
export const SILENT: Examples = {
  getMe: async (world) => ({ by: await newcomer(world, 'reviewer'), path: '/v1/me' }),
  listSignIns: async (world) => ({ by: (await newcomerWithPasskey(world, 'reviewer')).browser, path: '/v1/sign-ins' }),
  getIngestKey: async (world) => {
    await ingestKeyOf(world, world.harbour);
    return { by: world.harbour.uploader, path: '/v1/ingest-key' };
  },
  createPasskeyProofOptions: async (world) => {
    const { browser } = await newcomerWithPasskey(world, 'reviewer');
    const { challenge_id, options } = await requestChallenge(browser, '/v1/passkeys/options');
    const json = { challenge_id, response: createAuthenticator(URL_OF_WORLD).make(options) };
    return { by: browser, path: '/v1/passkeys/proof/options', sent: { json } };
  },
  createPasskeyOptions: async (world) => ({
    by: (await newcomerWithPasskey(world, 'reviewer')).browser,
    path: '/v1/passkeys/options',
  }),
  createStepUpOptions: async (world) => ({
    by: (await newcomerWithPasskey(world, 'reviewer')).browser,
    path: '/v1/step-up/options',
  }),
  createSignInOptions: async (world) => ({ by: browserOf(world), path: '/v1/sign-in/passkey/options' }),
};
