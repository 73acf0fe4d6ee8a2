// Unrequested attestations: their certificates contain addresses that the vault must not fetch.
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import {
  type Attestation,
  type AttestedData,
  cborBytes,
  cborText,
  createAuthenticator,
} from '../../scripts/demo/authenticator.ts';
import { listenOn } from '../../src/main/server.ts';
import { requestChallenge, signInBrowser } from '../support/browser.ts';
import { certificate, der, extension, revokedAt, sequence } from '../support/certificates.ts';
import { makeWorld, URL_OF_WORLD, type World } from '../support/world.ts';
import { expectProblem } from './problem.ts';

let world: World;
let url: string;
const asked: string[] = [];
const inside = createServer((incoming, outgoing) => {
  asked.push(String(incoming.url));
  outgoing.end();
});
beforeEach(() => {
  asked.length = 0;
});
beforeAll(async () => {
  world = await makeWorld();
  url = `http://127.0.0.1:${await listenOn(inside, { host: '127.0.0.1', port: 0 })}`;
});
afterAll(async () => {
  inside.close();
  await world.end();
});

const number = (n: number, tag = 0x02): Buffer => der(tag, Buffer.of(n));
/** An Android KeyDescription with the challenge that the key was created for. */
const keyDescription = (of: Buffer): Buffer =>
  sequence(number(3), number(1, 0x0a), number(3), number(1, 0x0a), der(0x04, of), der(0x04), sequence(), sequence());

/** A statement with a self-made certificate chain. */
function withChain(fmt: string, extensions: (what: AttestedData) => readonly Buffer[]): Attestation {
  return (what) => {
    const root = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const issuer = { name: 'own root', key: root.privateKey };
    const leaf = certificate(issuer, { name: 'leaf', key: what.publicKey }, extensions(what));
    const own = certificate(issuer, { name: 'own root', key: root.publicKey }, [revokedAt(`${url}/root`)]);
    const chain = Buffer.concat([cborText('x5c'), Buffer.of(0x82), cborBytes(leaf), cborBytes(own)]);
    const head = [Buffer.of(0xa3), cborText('alg'), Buffer.of(0x26), cborText('sig'), cborBytes(what.signature)];
    return { fmt, statement: Buffer.concat([...head, chain]) };
  };
}

const selfSigned: Attestation = ({ signature }) => {
  const parts = [Buffer.of(0xa2), cborText('alg'), Buffer.of(0x26), cborText('sig'), cborBytes(signature)];
  return { fmt: 'packed', statement: Buffer.concat(parts) };
};

async function add(attest: Attestation): Promise<Response> {
  const { tenant } = world.harbour;
  const { id } = await world.person(tenant, ['reviewer']);
  const browser = await signInBrowser(world, tenant, id);
  const { challenge_id, options } = await requestChallenge(browser, '/v1/passkeys/options');
  const response = createAuthenticator(URL_OF_WORLD).make(options, {}, attest);
  return browser.call('POST', '/v1/passkeys', { json: { challenge_id, response, label: 'mine' } });
}

it.each(['android-key', 'android-safetynet', 'apple', 'fido-u2f', 'packed', 'tpm'])(
  'a passkey with certificates in the form of %s is rejected, and none of their addresses is fetched',
  async (fmt) => {
    const attest = withChain(fmt, ({ clientDataHash }) => [
      revokedAt(`${url}/leaf`),
      extension('2b06010401d679020111', keyDescription(clientDataHash)),
    ]);
    await expectProblem(await add(attest), 403, 'sign_in_refused');
    expect(asked).toEqual([]);
  },
);

it('a passkey with self attestation is accepted, as browsers send it', async () => {
  expect((await add(selfSigned)).status).toBe(201);
});
