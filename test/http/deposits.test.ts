// Uploads and searches over HTTP.
import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { PART } from '../../src/envelope/sizes.ts';
import { wav } from '../support/wav.ts';
import { sharedWorld } from '../support/worlds.ts';

const world = sharedWorld();

const hex = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const digest = (bytes: Uint8Array): string => `sha-256=:${createHash('sha256').update(bytes).digest('base64')}:`;

type Reply = { readonly recording: string; readonly deposit: string; readonly sha256: string; readonly size: number };
type Listed = { readonly data: readonly { readonly id: string }[]; readonly next_cursor: string | null };

async function found(json: Readonly<Record<string, unknown>>): Promise<string[]> {
  const reply = await world.call('POST', '/v1/recordings/search', { key: world.harbour.reviewer.key, json });
  expect(reply.status).toBe(200);
  return ((await reply.json()) as Listed).data.map(({ id }) => id);
}

describe('the one-step upload', () => {
  it('a repeated body is stored once and acknowledged with the same ids', async () => {
    const body = wav(32_000);
    const first = await world.ingest(world.harbour, 'one-1', body, { 'content-digest': digest(body) });
    expect(first.status).toBe(201);
    const told = (await first.json()) as Reply;
    expect(told).toMatchObject({ size: body.length, sha256: hex(body), object: 'audio' });
    expect(first.headers.get('location')).toBe(`/v1/recordings/${told.recording}`);
    expect(first.headers.get('vault-audit')).toMatch(/^vault\.example\/ten_\w{26} \d+ [A-Za-z0-9+/]{43}=$/);
    const before = await world.snapshot();
    const again = await world.ingest(world.harbour, 'one-1', body);
    expect(again.status).toBe(200);
    expect(await again.json()).toEqual(told);
    expect(await world.snapshot()).toEqual(before);
  });

  it('the duration comes from the received bytes, not from the header', async () => {
    const { recording } = (await (
      await world.ingest(world.harbour, 'one-2', wav(32_000, 1, 3_200_000))
    ).json()) as Reply;
    const seen = await world.call('GET', `/v1/recordings/${recording}`, { key: world.harbour.reviewer.key });
    expect(await seen.json()).toMatchObject({ duration_ms: 2000, channels: 1, state: 'available', call_id: 'one-2' });
  });

  it('percent-encoded metadata is decoded', async () => {
    const headers = {
      'vault-meta-agent': encodeURIComponent('张伟'),
      'vault-meta-started-at': '2026-01-02T03:04:05+08:00',
      'vault-meta-direction': 'inbound',
      'vault-meta-language': 'zh-cn',
    };
    const { recording } = (await (await world.ingest(world.harbour, 'one-3', wav(100), headers)).json()) as Reply;
    const seen = await world.call('GET', `/v1/recordings/${recording}`, { key: world.harbour.reviewer.key });
    expect(await seen.json()).toMatchObject({
      agent: '张伟',
      started_at: '2026-01-01T19:04:05.000Z',
      direction: 'inbound',
      language: 'zh-CN',
      basis: { kind: 'consent', defaulted: true },
    });
  });
});

describe('the two-step form', () => {
  const transcript = (language: string): string =>
    JSON.stringify({ v: 1, language, segments: [{ start_ms: 0, end_ms: 900, channel: 0, text: 'Good morning' }] });

  it('audio and both forms of transcript join a described call and are returned unchanged', async () => {
    const key = world.harbour.uploader.key;
    const json = { source: 'pbx', call_id: 'two-1', basis: { kind: 'consent', at: '2026-01-01T00:00:00Z' } };
    const described = await world.call('POST', '/v1/recordings', { key, json });
    expect(described.status).toBe(201);
    const { recording } = (await described.json()) as Reply;
    expect((await world.call('POST', '/v1/recordings', { key, json })).status).toBe(200);
    const put = (path: string, type: string, body: string | Uint8Array) =>
      world.call('PUT', `/v1/recordings/${recording}/${path}`, { key, type, body });
    const type = 'application/vnd.callvault.transcript+json';
    const vtt = 'WEBVTT\n\n00:00.000 --> 00:01.000\nGuten Morgen\n';
    expect((await put('transcripts/en-gb', type, transcript('en-GB'))).status).toBe(201);
    expect((await put('transcripts/de', 'text/vtt; charset=utf-8', vtt)).status).toBe(201);
    expect((await put('audio', 'audio/wav', wav(4000))).status).toBe(201);

    const session = await world.session(world.harbour, await world.grant(world.harbour, recording));
    const get = (path: string) =>
      world.call('GET', `/v1/sessions/${session}/${path}`, { key: world.harbour.reviewer.key });
    expect(await (await get('transcripts/en-GB')).text()).toBe(transcript('en-GB'));
    const read = await get('transcripts/de');
    expect(read.headers.get('content-type')).toBe('text/vtt');
    expect(await read.text()).toBe(vtt);
    expect(Buffer.from(await (await get('media')).arrayBuffer()).equals(wav(4000))).toBe(true);
  });
});

describe('finding', () => {
  const ids: string[] = [];
  beforeAll(async () => {
    for (const n of [0, 1, 2]) {
      const headers = {
        'vault-meta-from': encodeURIComponent('+44 20 7946 0123'),
        'vault-meta-agent': encodeURIComponent('Zoë'),
        'vault-meta-queue': encodeURIComponent(`Queue ${n}`),
        'vault-meta-ticket': `T-${n}`,
        'vault-meta-started-at': `2020-01-0${n + 1}T00:00:00Z`,
      };
      ids.push(
        ((await (await world.ingest(world.harbour, `find-${n}`, wav(10, n + 1), headers)).json()) as Reply).recording,
      );
    }
  });

  it.each(['+442079460123', '020 7946 0123', '(020) 7946-0123', '0044 20 7946 0123', '０２０７９４６０１２３'])(
    'a number spelt %s finds its calls',
    async (number) => {
      expect(await found({ number })).toEqual([...ids].reverse());
    },
  );

  it('number end, agent, queue, ticket and time narrow a search, and a foreign tenant finds nothing', async () => {
    expect(await found({ number_end: '0123' })).toHaveLength(3);
    expect(await found({ agent: 'zoë' })).toHaveLength(3);
    expect(await found({ queue: 'queue 1' })).toEqual([ids[1]]);
    expect(await found({ ticket: 'T-2', number_end: '0123' })).toEqual([ids[2]]);
    expect(await found({ agent: 'Zoë', from: '2020-01-02T00:00:00Z', to: '2020-01-02T12:00:00Z' })).toEqual([ids[1]]);
    expect(await found({ number: '+442079460124' })).toEqual([]);
    const json = { number: '+442079460123' };
    const foreign = await world.call('POST', '/v1/recordings/search', { key: world.yunhai.reviewer.key, json });
    expect(await foreign.json()).toEqual({ data: [], next_cursor: null, complete: true });
  });

  it('pages follow their cursor to the end without repetition', async () => {
    const seen: string[] = [];
    let path: string | undefined = '/v1/recordings?limit=2&to=2021-01-01T00:00:00Z';
    while (path !== undefined) {
      const reply = await world.call('GET', path, { key: world.harbour.reviewer.key });
      seen.push(...((await reply.json()) as Listed).data.map(({ id }) => id));
      path = /<([^>]+)>/.exec(reply.headers.get('link') ?? '')?.[1];
    }
    expect(seen).toEqual([...ids].reverse());
  });
});

describe('a recording of several parts over a real server', () => {
  it('of 20 MB matches its digest, and ranges across parts equal the slice', async () => {
    const body = wav(20_000_000, 7);
    const { url } = await world.listen();
    const headers = (key: string) => ({ authorization: `Bearer ${key}`, 'content-type': 'audio/wav' });
    const up = { ...headers(world.harbour.uploader.key), 'content-digest': digest(body) };
    const put = await fetch(`${url}/v1/ingest/pbx/big-1`, { method: 'PUT', headers: up, body: new Uint8Array(body) });
    expect(put.status).toBe(201);
    const told = (await put.json()) as Reply;
    expect(told.sha256).toBe(hex(body));
    expect((await world.snapshot()).filter((line) => line.startsWith('part ')).length).toBe(3);
    expect((await world.snapshot()).some((line) => line.includes('.staging'))).toBe(false);
    const session = await world.session(world.harbour, await world.grant(world.harbour, told.recording));
    const get = async (range?: string) => {
      const ranged = range === undefined ? {} : { range };
      return fetch(`${url}/v1/sessions/${session}/media`, {
        headers: { ...headers(world.harbour.reviewer.key), ...ranged },
      });
    };
    expect(hex(Buffer.from(await (await get()).arrayBuffer()))).toBe(hex(body));
    for (const [start, end] of [
      [PART - 100, PART + 99],
      [2 * PART - 1, 2 * PART],
      [body.length - 70_000, body.length - 1],
      [0, 0],
    ] as const) {
      const reply = await get(`bytes=${start}-${end}`);
      expect(reply.status).toBe(206);
      expect(reply.headers.get('content-range')).toBe(`bytes ${start}-${end}/${body.length}`);
      expect(Buffer.from(await reply.arrayBuffer()).equals(body.subarray(start, end + 1))).toBe(true);
    }
  });
});
