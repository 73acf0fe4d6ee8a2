// The build: what processes load late works as what they load first.
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { createAuthenticator } from '../../scripts/demo/authenticator.ts';
import type { passkeyChecks } from '../../src/adapters/webauthn/with-library.ts';
import { builtBin } from '../support/built.ts';
import { runProgram } from '../support/run-program.ts';

const SERVER = join(dirname(builtBin()), '../dist/server');
const CHUNKS = readdirSync(SERVER).filter((name) => /-[\w-]{8}\.js$/.test(name));
const urlOf = (chunk: string): string => pathToFileURL(join(SERVER, chunk)).href;

it('has a chunk for each engine, and each chunk loads by itself', async () => {
  for (const name of ['s3-store', 'kms', 'postgres', 'pkcs11', 'keyring', 'with-library'])
    expect(CHUNKS.filter((chunk) => chunk.startsWith(`${name}-`))).toHaveLength(1);
  const script = `for (const url of ${JSON.stringify(CHUNKS.map(urlOf))}) await import(url); console.log('all')`;
  const ended = await runProgram(process.execPath, ['--input-type=module', '-e', script], { env: {} });
  expect(ended).toMatchObject({ code: 0, out: 'all\n' });
});

it('verifies passkeys', async () => {
  const chunk = CHUNKS.find((name) => name.startsWith('with-library-')) ?? '';
  const library = (await import(urlOf(chunk))) as { readonly passkeyChecks: typeof passkeyChecks };
  const origin = 'https://vault.example';
  const { registrationOptions, verifyRegistration, authenticationOptions, verifyAuthentication } =
    library.passkeyChecks(origin);
  const device = createAuthenticator(origin);
  const challenge = Buffer.alloc(32, 1).toString('base64url');
  const made = device.make(await registrationOptions({ id: 'usr_a', name: 'A' }, [], challenge));
  const passkey = await verifyRegistration(made, challenge);
  if (passkey === null) throw new Error('the passkey was rejected');
  const other = Buffer.alloc(32, 2).toString('base64url');
  const proof = device.prove(await authenticationOptions([passkey], other));
  expect(await verifyAuthentication(proof, other, passkey)).toBe(1);
  expect(await verifyAuthentication(proof, challenge, passkey)).toBeNull();
});
