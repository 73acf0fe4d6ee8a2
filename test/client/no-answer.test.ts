// Why no answer came: connections that fail, each with its own reason and what to do.
import { generateKeyPairSync } from 'node:crypto';
import { createServer as createPlain } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { vaultClient } from '../../src/client/client.ts';
import { certificate, der, extension, sequence } from '../support/certificates.ts';
import { freePort } from '../support/servers/process.ts';

const servers: { readonly close: () => unknown }[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A self-signed certificate of this name, and its key, as PEM. */
function pemOf(name: string) {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const names = extension('551d11', sequence(der(0x82, Buffer.from(name))));
  const bytes = certificate({ name, key: pair.privateKey }, { name, key: pair.publicKey }, [names]);
  const body = bytes.toString('base64').replace(/.{64}/g, '$&\n');
  const cert = `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`;
  return { cert, key: pair.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString() };
}

async function listening(server: Server | ReturnType<typeof createPlain>): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => void server.listen(0, 'localhost', () => resolve()));
  return (server.address() as AddressInfo).port;
}

async function reasonAt(url: string, ca?: string): Promise<string> {
  const client = vaultClient({ url, credential: 'cv_x', ca });
  const failed = client.send({ method: 'GET', path: '/v1/me' }, { signal: AbortSignal.timeout(60_000) });
  const error = await failed.then(
    () => expect.fail('it was answered'),
    (thrown: unknown) => thrown as Error,
  );
  client.close();
  expect(error).toMatchObject({ code: 'not_available' });
  return error.message;
}

it('has different words for an untrusted certificate, one for another name, and a closed port', async () => {
  const [own, other] = [pemOf('localhost'), pemOf('elsewhere.example')];
  const port = await listening(createServer(own));
  expect(await reasonAt(`https://localhost:${port}`)).toMatch(/not signed by an authority .* name the file .* as ca$/);
  const elsewhere = await listening(createServer(other));
  expect(await reasonAt(`https://localhost:${elsewhere}`, other.cert)).toContain('is for another host name');
  expect(await reasonAt(`https://localhost:${await freePort()}`, own.cert)).toContain('nothing listens');
});

it('names a host that is not known, and a port without TLS', async () => {
  expect(await reasonAt('https://no-such-host.invalid')).toMatch(/the host name (is not known|cannot be looked up)/);
  const plain = await listening(createPlain((_request, reply) => void reply.end()));
  expect(await reasonAt(`https://localhost:${plain}`)).toContain('does not speak TLS');
});
