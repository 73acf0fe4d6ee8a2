// The store fails in every way, under the whole application: what needs it is 503 in bounded time, the rest works,
// nothing is left that recovery does not handle, and everything works again afterwards.
import { beforeEach, describe, expect, it } from 'vitest';
import { recoverStale } from '../../src/vault/deposit/recover-stale.ts';
import { sweepUploads } from '../../src/vault/deposit/sweep-uploads.ts';
import { expectProblem } from '../http/problem.ts';
import type { FaultEffect } from '../support/double/faults.ts';
import { freshOutage, minuteRequest, OUTAGE_KINDS, wavWithCanary } from '../support/outage.ts';
import { until } from '../support/until.ts';
import { wav } from '../support/wav.ts';
import type { Cast } from '../support/world.ts';

/** The adapter's five seconds a call: one for the failing call, and one more for the abort. */
const BOUND_MS = 60_000;
const LEASE_MS = 61_000;

const outage = freshOutage();
let harbour: Cast;
beforeEach(() => {
  ({ harbour } = outage.world);
});

const small = wavWithCanary(wav(1000));
const big = wavWithCanary(wav(9_000_000));

/** A recording with a transcript, a grant on it, and a session that has played some of it. */
async function begun() {
  const { world } = outage;
  const recording = await world.deposited(harbour, 'there', big);
  const text = { key: harbour.uploader.key, type: 'text/vtt', body: 'WEBVTT\n' };
  const transcript = `/v1/recordings/${recording}/transcripts/en`;
  expect((await world.call('PUT', transcript, text)).status).toBe(201);
  const grant = await world.grant(harbour, recording, { objects: ['audio', 'transcript'] });
  const session = await world.session(harbour, grant);
  expect((await outage.media(session, { range: 'bytes=0-9' })).status).toBe(206);
  return { recording, grant, session };
}

async function expectAway(replies: readonly Promise<Response>[]): Promise<void> {
  const start = performance.now();
  for (const reply of await Promise.all(replies)) {
    await expectProblem(reply.clone(), 503, 'store_unavailable');
    expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0);
  }
  expect(performance.now() - start).toBeLessThan(BOUND_MS);
}

/** Once the leases of cut uploads have expired, one round of recovery leaves nothing of them. */
async function expectSettled(blobs: readonly string[]): Promise<void> {
  outage.world.forward(LEASE_MS);
  await recoverStale(outage.world.vault, minuteRequest());
  expect(await outage.unsettled()).toEqual([]);
  await sweepUploads(outage.world.vault, minuteRequest());
  expect(await outage.uploads()).toEqual([]);
  expect(await outage.blobs()).toEqual(blobs);
}

describe.each(OUTAGE_KINDS)('a store that is dead: %s', (death) => {
  it('is 503 where it is needed, and nowhere else; everything works again afterwards', async () => {
    const { world } = outage;
    const { uploader, reviewer } = harbour;
    const { recording, grant, session } = await begun();
    const transcript = { key: uploader.key, type: 'text/vtt', body: 'WEBVTT\n' };
    const before = await outage.blobs();
    await outage.kill('store', death);

    const deposits = [
      () => world.ingest(harbour, 'small', small),
      () => world.ingest(harbour, 'big', big),
      () => world.call('PUT', `/v1/recordings/${recording}/transcripts/de`, transcript),
    ];
    const text = () => world.call('GET', `/v1/sessions/${session}/transcripts/en`, { key: reviewer.key });
    const reads = [() => outage.media(session), () => outage.media(session, { range: 'bytes=0-9' }), text];
    await expectAway([...deposits, ...reads].map((call) => call()));
    expect(await outage.leaks()).toEqual([]);
    // A client that retries at once gets 503 again, not a permanent error.
    for (const put of deposits) expect((await put()).status).toBe(503);

    expect(await outage.ids()).toEqual([recording]);
    const wish = { recording, purpose: 'quality', reason: 'weekly sample', minutes: 5 };
    expect((await world.call('POST', '/v1/access-requests', { key: reviewer.key, json: wish })).status).toBe(201);
    const other = await world.session(harbour, grant);
    expect((await world.call('DELETE', `/v1/sessions/${other}`, { key: reviewer.key })).status).toBe(200);

    await outage.revive();
    const heard = await outage.media(session);
    expect(Buffer.from(await heard.arrayBuffer()).equals(big)).toBe(true);
    expect((await text()).status).toBe(200);
    await expectSettled(before);
    for (const put of deposits) expect((await put()).status).toBe(201);
    for (const put of deposits) expect((await put()).status).toBe(200);
    expect(await outage.ids()).toHaveLength(3);
    expect(await outage.leaks()).toEqual([]);
  });
});

const SUDDEN = ['refused', 'internal', 'black hole', 'hang-up'] as const;

describe('a store that dies in the middle', () => {
  it.each(SUDDEN)('during a reply cuts the connection: %s', async (death) => {
    const { session } = await begun();
    const { url } = await outage.world.listen();
    const reply = await fetch(`${url}/v1/sessions/${session}/media`, {
      headers: { authorization: `Bearer ${harbour.reviewer.key}` },
    });
    expect(reply.headers.get('content-length')).toBe(String(big.length));
    const reader = reply.body?.getReader();
    let heard = (await reader?.read())?.value?.length ?? 0;
    await outage.kill('store', death);
    const rest = async (): Promise<void> => {
      for (let next = await reader?.read(); next?.done === false; next = await reader?.read())
        heard += next.value.length;
    };
    await expect(rest()).rejects.toThrow();
    expect(heard).toBeLessThan(big.length);
    await outage.revive();
    expect((await (await outage.media(session)).arrayBuffer()).byteLength).toBe(big.length);
  });

  it.each(SUDDEN)('during an upload causes 503, and the parts are aborted: %s', async (death) => {
    const before = await outage.blobs();
    const long = wavWithCanary(wav(30_000_000));
    const halves = async function* (): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < long.length; at += 65_536) {
        if (at > 18_000_000 && !dead) {
          dead = true;
          await until('the store has begun the upload', async () => (await outage.uploads()).length === 1);
          await outage.kill('store', death);
        }
        yield long.subarray(at, at + 65_536);
      }
    };
    let dead = false;
    const source = halves();
    const body = new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          const { done, value } = await source.next();
          if (done === true) controller.close();
          else controller.enqueue(value);
        },
      },
      { highWaterMark: 0 },
    );
    const headers = { 'content-length': String(long.length) };
    const sent = { key: harbour.uploader.key, type: 'audio/wav', headers, body };
    await expectAway([outage.world.call('PUT', '/v1/ingest/pbx/long', sent)]);
    expect(dead).toBe(true);
    expect(await outage.ids()).toEqual([]);
    expect(await outage.leaks()).toEqual([]);
    await outage.revive();
    await expectSettled(before);
    expect((await outage.world.ingest(harbour, 'long', long)).status).toBe(201);
    expect(await outage.ids()).toHaveLength(1);
  });

  it.each<[string, string, FaultEffect, string]>([
    ['before the blob is made', 'CompleteMultipartUpload', { kind: 'internal' }, '*'],
    ['after the blob was made', 'CompleteMultipartUpload', { kind: 'hang-up', when: 'after' }, '*'],
    ['before the envelope', 'PutObject', { kind: 'throttle' }, '*/e/*'],
    ['after the envelope', 'PutObject', { kind: 'black-hole', when: 'after' }, '*/e/*'],
    ['while it is read back', 'GetObject', { kind: 'truncate', bytes: 0 }, '*'],
  ])('during finishing leaves a deposit that is finished later: %s', async (_when, operation, trouble, key) => {
    await outage.double.fault({ ...trouble, operation, times: null, where: { caller: 'STORE', key } });
    await expectAway([outage.world.ingest(harbour, 'call', big)]);
    expect((await outage.unsettled()).map(({ state }) => state)).toEqual(['COMMITTING']);
    expect(await outage.ids()).toEqual([]);
    await outage.revive();
    outage.world.forward(LEASE_MS);
    expect(await recoverStale(outage.world.vault, minuteRequest())).toBe(1);
    expect(await outage.uploads()).toEqual([]);
    expect((await outage.world.ingest(harbour, 'call', big)).status).toBe(200);
    expect(await outage.ids()).toHaveLength(1);
  });
});
