// The client of the upload API against real sockets: answers, cuts, silence by abort, and what an outcome means.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { outcomeOf, vaultAddress, vaultClient } from '../../src/client/client.ts';
import { readCredential } from '../../src/client/credential.ts';
import { VaultError } from '../../src/errors.ts';

const SECRET = `cv_01m88yxtm0f2zv6wb82ekzd997_${'a'.repeat(43)}`;
const open: Server[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function serving(answer: (request: IncomingMessage, response: ServerResponse) => unknown): Promise<string> {
  const server = createServer((request, response) => void answer(request, response));
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function* many(bytes: number): AsyncGenerator<Uint8Array> {
  for (let left = bytes; left > 0; left -= 65_536) yield Buffer.alloc(Math.min(left, 65_536), 7);
}

const signal = new AbortController().signal;

describe('a request', () => {
  it('carries credential, headers and body, and returns the answer', async () => {
    const seen: { readonly url: string | undefined; readonly authorization: string | undefined; size: number }[] = [];
    const url = await serving(async (request, response) => {
      const { url: asked, headers } = request;
      let size = 0;
      for await (const piece of request as AsyncIterable<Buffer>) size += piece.length;
      seen.push({ url: asked, authorization: headers.authorization, size });
      response.writeHead(201, { 'retry-after': '7' }).end('{"recording":"rec_1"}');
    });
    const client = vaultClient({ url: `${url}/vault/`, credential: SECRET });
    const body = { bytes: many(300_000), length: 300_000 };
    const answer = await client.send({ method: 'PUT', path: '/v1/sealed-files/x', body }, { signal });
    client.close();
    expect(answer).toEqual({ status: 201, json: { recording: 'rec_1' }, retryAfterMs: 7000 });
    expect(seen).toEqual([{ url: '/vault/v1/sealed-files/x', authorization: `Bearer ${SECRET}`, size: 300_000 }]);
  });

  it('returns an answer that comes before the body was read, and its connection is cut', async () => {
    const url = await serving((request, response) => {
      response.writeHead(413, { connection: 'close' }).end('{"code":"body_too_large"}', () => request.destroy());
    });
    const client = vaultClient({ url, credential: SECRET });
    const body = { bytes: many(64 * 1024 * 1024), length: 64 * 1024 * 1024 };
    const answer = await client.send({ method: 'PUT', path: '/v1/x', body }, { signal });
    client.close();
    expect(answer.json).toEqual({ code: 'body_too_large' });
  });

  it.each([
    ['no server listens', async () => 'http://127.0.0.1:1'],
    ['the connection is cut', () => serving((request) => request.socket.destroy())],
    [
      'the answer is cut',
      () =>
        serving(
          (_request, response) => response.writeHead(200, { 'content-length': '9' }).write('{') && response.destroy(),
        ),
    ],
    [
      'the answer does not end',
      () => serving((_request, response) => response.writeHead(200).end(Buffer.alloc(2 * 1024 * 1024))),
    ],
  ])('has no answer where %s', async (_what, at) => {
    const client = vaultClient({ url: await at(), credential: SECRET });
    await expect(client.send({ method: 'GET', path: '/v1/x' }, { signal })).rejects.toMatchObject({
      code: 'not_available',
    });
    client.close();
  });

  it("fails with the body's own error", async () => {
    const url = await serving((request) => void request.resume());
    const client = vaultClient({ url, credential: SECRET });
    const failing = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.alloc(10);
      throw new VaultError('integrity', 'the file changed');
    };
    const what = { method: 'PUT', path: '/v1/x', body: { bytes: failing(), length: 100 } } as const;
    await expect(client.send(what, { signal })).rejects.toMatchObject({ code: 'integrity' });
    client.close();
  });

  it('takes no answer that drips', async () => {
    const url = await serving((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const dripping = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(dripping));
    });
    const client = vaultClient({ url, credential: SECRET, answerMs: 300 });
    const sent = client.send({ method: 'GET', path: '/v1/x' }, { signal: AbortSignal.timeout(10_000) });
    await expect(sent).rejects.toMatchObject({ code: 'not_available' });
    client.close();
  });

  it('keeps no connection whose body the vault does not read', async () => {
    const answer = '{"code":"call_differs"}';
    const sockets: Socket[] = [];
    const server = createTcpServer((socket) => {
      sockets.push(socket.on('error', () => undefined));
      socket.once('readable', () =>
        socket.write(`HTTP/1.1 422 No\r\ncontent-length: ${answer.length}\r\n\r\n${answer}`),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const client = vaultClient({ url, credential: SECRET, sockets: 1 });
    for (let n = 0; n < 3; n++) {
      const body = { bytes: many(64 * 1024 * 1024), length: 64 * 1024 * 1024 };
      const sent = client.send({ method: 'PUT', path: '/v1/x', body }, { signal: AbortSignal.timeout(10_000) });
      expect((await sent).json).toEqual({ code: 'call_differs' });
    }
    client.close();
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  it('throws what fails while its body is read, and nothing about the vault', async () => {
    const url = await serving(async (request) => void request.resume());
    const client = vaultClient({ url, credential: SECRET });
    const fault = Object.assign(new Error('no disk'), { code: 'EIO' });
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield Buffer.alloc(1000);
      throw fault;
    }
    const body = { bytes: failing(), length: 2000 };
    await expect(client.send({ method: 'PUT', path: '/v1/x', body }, { signal })).rejects.toBe(fault);
    client.close();
  });

  it('ends with its signal', async () => {
    const url = await serving(() => undefined);
    const client = vaultClient({ url, credential: SECRET });
    const ending = new AbortController();
    const sent = client.send({ method: 'GET', path: '/v1/x' }, { signal: ending.signal });
    ending.abort(new VaultError('conflict', 'ended'));
    await expect(sent).rejects.toMatchObject({ code: 'conflict' });
    client.close();
  });
});

describe('an outcome', () => {
  const of = (status: number, json: Record<string, unknown> | null = null) =>
    outcomeOf({ status, json, retryAfterMs: 3000 });

  it.each([200, 201])('is done after %i', (status) => {
    expect(of(status)).toEqual({ kind: 'done' });
  });

  it.each([301, 400, 401, 403, 404, 408, 413, 429, 500, 502, 503])('may come later after %i', (status) => {
    expect(of(status)).toEqual({ kind: 'later', retryAfterMs: 3000, code: `http_${status}` });
  });

  it('may come later where the vault says so', () => {
    expect(of(409, { code: 'upload_in_progress', retryable: true })).toMatchObject({ kind: 'later' });
    expect(of(409, { code: 'ingest_key_unknown', retryable: true })).toMatchObject({
      kind: 'later',
      code: 'ingest_key_unknown',
    });
  });

  it('may come later for a problem that this version does not know, and for one of a server that fails', () => {
    expect(of(422, { code: 'new_problem' })).toMatchObject({ kind: 'later', code: 'new_problem' });
    expect(of(500, { code: 'malformed' })).toMatchObject({ kind: 'later' });
  });

  it.each(['body_cut', 'digest_mismatch'])('may come later where the bytes arrived changed: %s', (code) => {
    expect(of(400, { code, retryable: false })).toMatchObject({ kind: 'later', code });
  });

  it.each([
    [422, 'call_differs'],
    [409, 'call_key_taken'],
    [410, 'erased'],
    [413, 'body_too_large'],
    [400, 'metadata_invalid'],
  ])('is a rejection after %i %s', (status, code) => {
    expect(of(status, { code, retryable: false })).toEqual({ kind: 'rejected', code });
  });
});

describe('the address', () => {
  it.each([
    'http://vault.example',
    'ftp://localhost',
    'https://user@vault.example',
    'https://vault.example/?a=1',
    'vault',
  ])('is not %s', (url) => {
    expect(() => vaultAddress(url)).toThrow(expect.objectContaining({ code: 'config_invalid' }));
  });

  it.each(['https://vault.example', 'https://vault.example/callvault', 'http://localhost:8787', 'http://[::1]:8787'])(
    'may be %s',
    (url) => {
      expect(vaultAddress(url).href).toContain(url);
    },
  );
});

describe('the file with the credential', () => {
  const folder = mkdtempSync(join(tmpdir(), 'credential-'));
  afterEach(() => rmSync(join(folder, 'file'), { force: true }));
  const written = (text: string, mode = 0o600): string => {
    const path = join(folder, 'file');
    writeFileSync(path, text);
    chmodSync(path, mode);
    return path;
  };

  it.each([`${SECRET}\n`, SECRET, `user = "key_01m88yxtm0f2zv6wb82ekzd997:${SECRET}"\n`, `# of the PBX\n${SECRET}\n`])(
    'is read: %s',
    async (text) => {
      expect(await readCredential(written(text))).toBe(SECRET);
    },
  );

  it('is rejected where others can read it, it has no key, or is missing', async () => {
    await expect(readCredential(written(SECRET, 0o640))).rejects.toThrow('chmod 0600');
    await expect(readCredential(written('cv_short'))).rejects.toThrow('no API key');
    await expect(readCredential(join(folder, 'missing'))).rejects.toThrow('cannot be read');
  });
});
