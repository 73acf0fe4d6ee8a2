// Range headers, including hostile ones: to the end, at most one piece, a problem, or the whole object.
import { beforeAll, describe, expect, it } from 'vitest';
import { wav } from '../support/wav.ts';
import { sharedWorld } from '../support/worlds.ts';
import { expectProblem } from './problem.ts';

const SIZE = 3_000_000;
// Thirty seconds of a call of 3,000,000 bytes and 187,497 ms.
const PIECE = 480_008;
const body = wav(SIZE - 44);
const world = sharedWorld();
let media: string;
beforeAll(async () => {
  const made = (await (await world.ingest(world.harbour, 'long', body)).json()) as { recording: string };
  media = `/v1/sessions/${await world.session(world.harbour, await world.grant(world.harbour, made.recording))}/media`;
});

const get = (headers: Readonly<Record<string, string>> = {}, method = 'GET') =>
  world.call(method, media, { key: world.harbour.reviewer.key, headers });

async function expectRange(reply: Response, start: number, end: number): Promise<void> {
  expect(reply.status).toBe(206);
  expect(reply.headers.get('content-range')).toBe(`bytes ${start}-${end - 1}/${SIZE}`);
  expect(reply.headers.get('content-length')).toBe(String(end - start));
  expect(reply.headers.get('cache-control')).toBe('no-store, no-transform');
  expect(Buffer.from(await reply.arrayBuffer()).equals(body.subarray(start, end))).toBe(true);
}

describe('a range', () => {
  it.each([
    ['bytes=0-', 0],
    ['bytes=1000000-', 1_000_000],
    ['bytes=1000000- ', 1_000_000],
    [`bytes=${SIZE - 1}-`, SIZE - 1],
  ] as const)('%s, without a last byte, continues to the end', async (range, start) => {
    const reply = await get({ range });
    expect(reply.headers.get('x-accel-buffering')).toBe('no');
    await expectRange(reply, start, SIZE);
  });

  it.each([
    ['bytes=0-0', 0, 1],
    ['bytes=0-99999999999999', 0, PIECE],
    [`bytes=1000000-${SIZE - 1}`, 1_000_000, 1_000_000 + PIECE],
    [`bytes=0-${'9'.repeat(400)}`, 0, PIECE],
    ['bytes=-1', SIZE - 1, SIZE],
    ['bytes=-100000', SIZE - 100_000, SIZE],
    [`bytes=${SIZE - 1}-${SIZE}`, SIZE - 1, SIZE],
  ] as const)('%s, closed, is at most one piece', async (range, start, end) => {
    await expectRange(await get({ range }), start, end);
  });

  it.each([
    `bytes=${Array(1000).fill('0-0,2-2').join(',')}`,
    'bytes=0-0,2-2',
    'bytes=0-,0-,0-',
    'bytes=-0',
    `bytes=${SIZE}-`,
    `bytes=${SIZE}-${SIZE + 10}`,
    `bytes=${'9'.repeat(30)}-`,
  ])('%.30s is not satisfiable', async (range) => {
    await expectProblem(await get({ range }), 416, 'range_not_satisfiable');
  });

  it.each([
    'bytes',
    'bytes=',
    'bytes=abc',
    'bytes=5-2',
    'bytes=9e99-',
    'bytes=--1',
    'bytes=0x10-',
    'lines=0-1',
    '=0-1',
    'bytes=a-b,c-d',
    'bytes 0-1',
  ])('%s, malformed, is a problem, one piece, or ignored', async (range) => {
    const reply = await get({ range });
    expect([200, 206, 416]).toContain(reply.status);
    const length = (await reply.arrayBuffer()).byteLength;
    if (reply.status === 200) expect(length).toBe(SIZE);
  });

  it('of another version returns the whole object, of this version a piece', async () => {
    const etag = (await get({ range: 'bytes=0-0' })).headers.get('etag') ?? '';
    expect(etag).toMatch(/^"dep_\w{26}"$/);
    await expectRange(await get({ range: 'bytes=5-9', 'if-range': etag }), 5, 10);
    for (const other of ['"dep_x"', `W/${etag}`, 'Wed, 21 Oct 2015 07:28:00 GMT']) {
      const reply = await get({ range: 'bytes=5-9', 'if-range': other });
      expect(reply.status).toBe(200);
      expect((await reply.arrayBuffer()).byteLength).toBe(SIZE);
    }
  });

  it('with HEAD returns no byte', async () => {
    for (const [headers, length, status] of [
      [{}, SIZE, 200],
      [{ range: 'bytes=1000000-' }, SIZE - 1_000_000, 206],
      [{ range: 'bytes=5-9' }, 5, 206],
    ] as const) {
      const reply = await get(headers, 'HEAD');
      expect([reply.status, reply.headers.get('content-length')]).toEqual([status, String(length)]);
      expect((await reply.arrayBuffer()).byteLength).toBe(0);
    }
  });
});
