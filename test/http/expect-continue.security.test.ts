// Expect: 100-continue: a request with invalid headers is rejected before the client sends a body.
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { wav } from '../support/wav.ts';
import { sharedWorld } from '../support/worlds.ts';

const world = sharedWorld({ maxBytes: 1_000_000 });
let port: number;
beforeAll(async () => {
  ({ port } = await world.listen());
});

type Talk = {
  readonly send: (bytes: string | Uint8Array) => void;
  /** Waits until the reply matches. */
  readonly until: (pattern: RegExp) => Promise<string>;
  /** The whole reply, once the server has closed the connection. */
  readonly ended: () => Promise<string>;
  readonly end: () => void;
};

function talk(): Talk {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  let over = false;
  socket.on('data', (piece) => {
    text += String(piece);
  });
  socket.on('error', () => undefined);
  socket.on('close', () => {
    over = true;
  });
  const wait = async (done: () => boolean): Promise<string> => {
    await until('the server has said it', done, { seen: () => text });
    return text;
  };
  return {
    send: (bytes) => void socket.write(bytes),
    until: (pattern) => wait(() => pattern.test(text)),
    ended: () => wait(() => over),
    end: () => void socket.destroy(),
  };
}

function head(line: string, more: Readonly<Record<string, string | number>>): string {
  const headers = { host: 'x', 'content-type': 'audio/wav', ...more };
  return `${line} HTTP/1.1\r\n${Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')}\r\n`;
}

const waits = { expect: '100-continue' };
const key = (who: 'uploader' | 'reviewer' = 'uploader') => ({ authorization: `Bearer ${world.harbour[who].key}` });

describe('a client that waits for 100 Continue', () => {
  it.each<readonly [string, number, string, () => Record<string, string | number>]>([
    ['without a credential', 401, 'PUT /v1/ingest/pbx/wait', () => ({})],
    ['with a wrong one', 401, 'PUT /v1/ingest/pbx/wait', () => ({ authorization: 'Bearer cv_wrong' })],
    ['in the wrong role', 403, 'PUT /v1/ingest/pbx/wait', () => key('reviewer')],
    ['on no route', 404, 'PUT /v1/nothing', () => key()],
    ['with a type that is not taken', 415, 'PUT /v1/ingest/pbx/wait', () => ({ ...key(), 'content-type': 'text/css' })],
    ['with too long a body', 413, 'PUT /v1/ingest/pbx/wait', () => ({ ...key(), 'content-length': 1_000_001 })],
    ['with a bad digest header', 400, 'PUT /v1/ingest/pbx/wait', () => ({ ...key(), 'content-digest': 'md5=:AA==:' })],
    ['with a bad metadata header', 400, 'PUT /v1/ingest/pbx/wait', () => ({ ...key(), 'vault-meta-direction': 'up' })],
    ['with JSON of another type', 415, 'POST /v1/recordings', () => key()],
    [
      'with too long JSON',
      413,
      'POST /v1/recordings',
      () => ({ ...key(), 'content-type': 'application/json', 'content-length': 262_145 }),
    ],
  ])(
    '%s gets the final status before it sends the body, and the connection closes',
    async (_name, status, line, more) => {
      const before = await world.snapshot(true);
      const { send, ended } = talk();
      send(head(line, { 'content-length': 1044, ...waits, ...more() }));
      const text = await ended();
      expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
      expect(text).not.toContain('100 Continue');
      expect(text).toMatch(/^connection: close\r$/im);
      expect(text).toContain('"request_id"');
      expect(await world.snapshot(true)).toEqual(before);
    },
  );

  it('gets 100 Continue once its headers are accepted, and the body is stored', async () => {
    const { send, until, end } = talk();
    const body = wav(1000);
    send(head('PUT /v1/ingest/pbx/asked', { ...key(), ...waits, 'content-length': body.length }));
    expect(await until(/\r\n\r\n/)).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    await sleep(50);
    send(body);
    expect(await until(/"sha256"/)).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 201 Created\r\n/);
    // And the connection stays open.
    send(head('GET /healthz', {}));
    await until(/"status":"ok"/);
    end();
  });

  it('with a chunked body or JSON gets 100 Continue, too', async () => {
    const chunked = talk();
    const body = wav(1000);
    chunked.send(head('PUT /v1/ingest/pbx/chunked', { ...key(), ...waits, 'transfer-encoding': 'chunked' }));
    await chunked.until(/100 Continue/);
    chunked.send(Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n0\r\n\r\n')]));
    await chunked.until(/ 201 Created/);
    chunked.end();
    const json = JSON.stringify({ source: 'pbx', call_id: 'json' });
    const described = talk();
    const type = { 'content-type': 'application/json', 'content-length': json.length };
    described.send(head('POST /v1/recordings', { ...key(), ...waits, ...type }));
    expect(await described.until(/\r\n\r\n/)).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    described.send(json);
    await described.until(/ 201 Created/);
    described.end();
  });

  it('cannot have its body parsed as the next request after a rejection', async () => {
    const smuggled = head('PUT /v1/ingest/pbx/smuggled', { ...key(), 'content-length': 144 });
    const { send, ended } = talk();
    send(head('PUT /v1/ingest/pbx/wait', { ...waits, 'content-length': smuggled.length + 144 }));
    send(smuggled);
    send(wav(100));
    expect((await ended()).match(/HTTP\/1\.1 /g) ?? []).toHaveLength(1);
    expect((await world.snapshot(true)).join()).not.toContain('smuggled');
  });
});

describe('a client that does not wait', () => {
  it('is rejected with its body unread, and its next request on the connection works', async () => {
    const { send, until, end } = talk();
    const body = wav(10_000);
    send(head('PUT /v1/ingest/pbx/eager', { 'content-length': body.length }));
    send(body);
    await until(/^HTTP\/1\.1 401 /);
    send(head('GET /healthz', {}));
    expect(await until(/"status":"ok"/)).toContain('HTTP/1.1 200 ');
    end();
  });

  it('is rejected while it is still sending, and its connection closes', async () => {
    const { send, ended } = talk();
    send(head('PUT /v1/ingest/pbx/endless', { 'transfer-encoding': 'chunked' }));
    const timer = setInterval(() => send(`1000\r\n${'x'.repeat(4096)}\r\n`), 20);
    const text = await ended().finally(() => clearInterval(timer));
    expect(text).toMatch(/^HTTP\/1\.1 401 /);
  });
});
