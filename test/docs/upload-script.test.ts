// The recipes' script: its requests, when it keeps or deletes a recording, and what other users must not see.
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { needs } from '../support/needs.ts';
import { makePbx, type Pbx, UPLOAD } from '../support/pbx.ts';
import { runProgram } from '../support/run-program.ts';
import { wav } from '../support/wav.ts';
import { sharedWorld } from '../support/worlds.ts';

const curl = needs('curl');

describe.skipIf(!curl.present)(`callvault-upload ${curl.reason}`, () => {
  const world = sharedWorld();
  let url: string;
  let pbx: Pbx;
  const servers: Server[] = [];
  beforeAll(async () => {
    ({ url } = await world.listen());
  });
  beforeEach(() => {
    pbx = makePbx(world.harbour.uploader.key);
    writeFileSync(file(), wav(8_000));
  });
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
    pbx.end();
  });

  const file = (): string => join(pbx.folder, 'call.wav');
  const given = (id: string, ...more: readonly string[]) => [file(), `url=${url}`, 'source=pbx', `id=${id}`, ...more];

  /** Starts a server with another behaviour; returns its address. */
  async function serverOf(answer: (...given: Parameters<RequestListener>) => Promise<void>): Promise<string> {
    const server = createServer((request, response) => {
      answer(request, response).catch(() => response.destroy());
    }).listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  }

  async function shownOf(id: string): Promise<Record<string, unknown>> {
    const reply = await world.call('GET', `/v1/recordings/${id}`, { key: world.harbour.reviewer.key });
    expect(reply.status).toBe(200);
    return (await reply.json()) as Record<string, unknown>;
  }

  it('prints the same id when it runs again, and keeps the file without delete=yes', async () => {
    const first = await pbx.upload(given('twice'));
    const again = await pbx.upload(given('twice', 'delete=no'));
    expect([first.code, again.code, existsSync(file())]).toEqual([0, 0, true]);
    expect(again.out).toBe(first.out);
    expect((await pbx.upload(given('twice', 'delete=yes'))).out).toBe(first.out);
    expect(existsSync(file())).toBe(false);
  });

  it('sends texts of any alphabet, and special characters of a shell or of curl, unchanged', async () => {
    const agent = '张伟 "\\ $(x) % ; |';
    const ended = await pbx.upload(given('text 1"%', `agent=${agent}`, 'ticket=T=1', 'queue='));
    expect(ended).toMatchObject({ code: 0, err: '' });
    expect(await shownOf(ended.out.trim())).toMatchObject({
      call_id: 'text 1"%',
      agent,
      ticket: 'T=1',
      queue: null,
    });
  });

  it('sends two legs of one contact, with what the agent and the tenant noted', async () => {
    const contact = ['interaction=C-9', 'wrap-up=card blocked', 'field-contract=K 1"', 'field-empty='];
    const legs = [
      await pbx.upload(given('two', 'leg=a', ...contact)),
      await pbx.upload(given('two', 'leg=b', ...contact)),
    ];
    expect(legs.map(({ code, err }) => [code, err])).toEqual([
      [0, ''],
      [0, ''],
    ]);
    const [first, second] = legs.map(({ out }) => out.trim());
    expect(first).not.toBe(second);
    expect(await shownOf(second ?? '')).toMatchObject({
      ...{ interaction: 'C-9', wrap_up: 'card blocked', leg: 'b', fields: { contract: 'K 1"' } },
    });
    for (const name of ['field-', 'field-A"', 'field-a_b', 'note'])
      expect(await pbx.upload(given('three', `${name}=x`))).toMatchObject({
        code: 2,
        err: expect.stringMatching(/unknown argument/),
      });
  });

  it.skipIf(!existsSync('/usr/bin/curl'))('puts no credential, number or name into arguments', async () => {
    const bin = join(pbx.folder, 'bin');
    mkdirSync(bin);
    writeFileSync(
      join(bin, 'curl'),
      `#!/bin/sh\nprintf '%s\\n' "$@" >>'${pbx.folder}/arguments'\nexec /usr/bin/curl "$@"\n`,
    );
    chmodSync(join(bin, 'curl'), 0o755);
    const ended = await pbx.upload(given('quiet-1', 'from=+442079460123', 'agent=Agatha'), bin);
    expect(ended.code).toBe(0);
    const seen = readFileSync(join(pbx.folder, 'arguments'), 'utf8');
    expect(seen).toContain('--config');
    for (const secret of ['cv_', 'key_', '442079460123', 'Agatha', 'quiet-1']) expect(seen).not.toContain(secret);
  });

  it('retries after 503, after the time that the service asks for', async () => {
    let tries = 0;
    const at = await serverOf(async (request, response) => {
      const body = await buffer(request);
      tries += 1;
      if (tries < 3) {
        response.writeHead(503, { 'retry-after': '1' }).end('{"code":"store_unavailable"}');
        return;
      }
      const headers = { authorization: request.headers.authorization ?? '' };
      const reply = await fetch(`${url}${request.url}`, { method: 'PUT', headers, body });
      response.writeHead(reply.status).end(await reply.text());
    });
    const ended = await pbx.upload([file(), `url=${at}/`, 'source=pbx', 'id=busy', 'delete=yes']);
    expect(ended).toMatchObject({ code: 0, out: expect.stringMatching(/^rec_/) });
    expect(tries).toBe(3);
    expect(existsSync(file())).toBe(false);
  });

  it('keeps the file after a rejection, and reports the reason', async () => {
    pbx.configure(world.harbour.reviewer.key);
    const foreign = await pbx.upload(given('refused', 'delete=yes'));
    expect(foreign).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringContaining('403 forbidden: Your account has none'),
    });
    pbx.configure(`${world.harbour.uploader.key.slice(0, -43)}${'A'.repeat(43)}`);
    const wrong = await pbx.upload(given('refused', 'delete=yes'));
    expect(wrong).toMatchObject({ code: 1, out: '', err: expect.stringContaining('401 unauthenticated') });
    pbx.configure(world.harbour.uploader.key);
    writeFileSync(file(), '<html>');
    const other = await pbx.upload(given('refused', 'delete=yes'));
    expect(other).toMatchObject({ code: 1, out: '', err: expect.stringContaining('415 media_type_unsupported') });
    expect(existsSync(file())).toBe(true);
    // It contains numbers and names of the call.
    expect(statSync(`${file()}.callvault`).mode & 0o777).toBe(0o600);
  });

  it.each([
    ['a proxy’s page', 200, '<html>fine</html>'],
    ['another size', 201, '{"recording":"rec_0","size":7,"sha256":"00"}'],
    ['another digest', 201, '{"recording":"rec_0","size":8044,"sha256":"00"}'],
    ['a redirect', 307, ''],
  ])('keeps the file if the answer is %s', async (_, status, body) => {
    const at = await serverOf(async (request, response) => {
      await buffer(request);
      response.writeHead(status, { location: url }).end(body);
    });
    const ended = await pbx.upload([file(), `url=${at}`, 'source=pbx', 'id=odd', 'delete=yes']);
    expect(ended).toMatchObject({ code: 1, out: '' });
    expect(existsSync(file())).toBe(true);
  });

  it.each([0o644, 0o640, 0o604, 0o622])('does not use a credential with mode %o', async (mode) => {
    pbx.configure(world.harbour.uploader.key, mode);
    const ended = await pbx.upload(given('mode', 'delete=yes'));
    expect(ended).toMatchObject({ code: 1, err: expect.stringContaining('chmod 0600') });
    expect(existsSync(file())).toBe(true);
  });

  it.each([
    [['source=pbx', 'id=x'], 'url='],
    [['url=https://vault.example', 'id=x'], 'source='],
    [['url=https://vault.example', 'source=pbx'], 'id='],
    [['url=https://key_x:cv_x@vault.example', 'source=pbx', 'id=x'], 'url has a character'],
    [['url=https://vault.example"', 'source=pbx', 'id=x'], 'url has a character'],
    [['url=ftp://vault.example', 'source=pbx', 'id=x'], 'url='],
    [['url=https://vault.example', 'source=pbx', 'id=x', 'key=cv_x'], 'unknown argument key'],
    [['url=https://vault.example', 'source=pbx', 'id=x', 'agent=a\nheader = "x: y"'], 'line break'],
  ])('rejects %j', async (words, message) => {
    const ended = await pbx.upload([file(), ...words]);
    expect(ended).toMatchObject({ code: 2, out: '', err: expect.stringContaining(message) });
    expect(existsSync(file())).toBe(true);
  });
});

const shellcheck = needs('shellcheck');

describe.skipIf(!shellcheck.present)(`the scripts of the recipes ${shellcheck.reason}`, () => {
  it('are POSIX shell without a warning', async () => {
    const { code, out } = await runProgram('shellcheck', ['--shell=sh', '--severity=style', UPLOAD]);
    expect({ code, out }).toEqual({ code: 0, out: '' });
  });
});
