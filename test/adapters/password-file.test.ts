// The file of passwords of PostgreSQL: commands use it, and write no warning about it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { binOf } from '../support/run-callvault.ts';

/** AuthenticationCleartextPassword of PostgreSQL's protocol. */
const ASK_PASSWORD = Buffer.from('520000000800000003', 'hex');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'callvault-password-file-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a command against a server that asks for a password and then hangs up; `user` as in a URL. */
async function askedFor(user: string, env: Readonly<Record<string, string>>) {
  const passwords = new Set<string>();
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      socket.write(ASK_PASSWORD);
      socket.once('data', (message) => {
        passwords.add(message.toString('utf8', 5, message.length - 1));
        socket.destroy();
      });
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', () => resolve()));
  const { port } = server.address() as AddressInfo;
  const file = join(folder, 'passwords');
  writeFileSync(file, `127.0.0.1:${port}:vault:vault:from-file\n`, { mode: 0o600 });
  const url = `postgres://${user}@127.0.0.1:${port}/vault`;
  const run = binOf(folder, { CALLVAULT_DATABASE: url, PGPASSFILE: file, ...env });
  const { code, err } = await run('tenants', 'list');
  await new Promise((resolve) => server.close(resolve));
  return { code, err, passwords: [...passwords] };
}

it('gives commands the password, without a warning', async () => {
  const { code, err, passwords } = await askedFor('vault', {});
  expect({ code, passwords }).toEqual({ code: 1, passwords: ['from-file'] });
  expect(err).not.toMatch(/pgpass|deprecat/i);
});

it.each([
  ['the URL', 'vault:from-url', {}, 'from-url'],
  ['PGPASSWORD', 'vault', { PGPASSWORD: 'from-environment' }, 'from-environment'],
] as const)('is not asked where %s has one', async (_name, user, env, password) => {
  expect((await askedFor(user, env)).passwords).toEqual([password]);
});
