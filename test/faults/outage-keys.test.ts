// The key service fails in every way, under the whole application: what needs it is 503 in bounded time, the rest
// works, nothing is left behind, and everything works again afterwards.
import { DisableKeyCommand, EnableKeyCommand } from '@aws-sdk/client-kms';
import { beforeEach, describe, expect, it } from 'vitest';
import { recoverStale } from '../../src/vault/deposit/recover-stale.ts';
import { keyWatcher } from '../../src/vault/listening/watch-keys.ts';
import { expectProblem } from '../http/problem.ts';
import { kmsAt } from '../support/double/clients.ts';
import { freshOutage, minuteRequest, OUTAGE_KINDS, wavWithCanary } from '../support/outage.ts';
import { wav } from '../support/wav.ts';
import type { Cast } from '../support/world.ts';

/** A KMS call with its retries ends after twelve seconds, and no route makes a second one after a failed one. */
const BOUND_MS = 135_000;

const outage = freshOutage();
let harbour: Cast;
beforeEach(() => {
  ({ harbour } = outage.world);
});

const small = wavWithCanary(wav(1000));
const big = wavWithCanary(wav(9_000_000));

/** A recording, a session that has played some of it, and one that has not. */
async function begun() {
  const { world } = outage;
  const recording = await world.deposited(harbour, 'there', big);
  const grant = await world.grant(harbour, recording);
  const [running, opened] = [await world.session(harbour, grant), await world.session(harbour, grant)];
  expect((await outage.media(running, { range: 'bytes=0-9' })).status).toBe(206);
  return { recording, grant, running, opened };
}

async function expectAway(replies: readonly Promise<Response>[]): Promise<void> {
  const start = performance.now();
  for (const reply of await Promise.all(replies)) {
    await expectProblem(reply.clone(), 503, 'key_service_unavailable');
    expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0);
  }
  expect(performance.now() - start).toBeLessThan(BOUND_MS);
}

describe.each(OUTAGE_KINDS)('a key service that is dead: %s', (death) => {
  it('is 503 where it is needed, and nowhere else; everything works again afterwards', async () => {
    const { world } = outage;
    const { uploader, reviewer } = harbour;
    const { recording, running, opened } = await begun();
    const json = { source: 'pbx', call_id: 'described' };
    const described = await world.call('POST', '/v1/recordings', { key: uploader.key, json });
    const { recording: empty } = (await described.json()) as { recording: string };
    const before = [await outage.blobs(), await world.snapshot(true)];
    await outage.kill('keys', death);

    const deposits = [
      () => world.ingest(harbour, 'small', small),
      () => world.ingest(harbour, 'big', big),
      () => world.call('PUT', `/v1/recordings/${empty}/audio`, { key: uploader.key, type: 'audio/wav', body: small }),
      () =>
        world.call('PUT', `/v1/recordings/${recording}/transcripts/en`, {
          key: uploader.key,
          type: 'text/vtt',
          body: 'WEBVTT\n',
        }),
    ];
    await expectAway(deposits.map((put) => put()));
    // Nothing of any of them: no row, no blob, no upload, and no byte on disk.
    expect([await outage.blobs(), await world.snapshot(true)]).toEqual(before);
    expect(await outage.unsettled()).toEqual([]);
    expect(await outage.uploads()).toEqual([]);
    expect(await outage.leaks()).toEqual([]);

    // What has its key in memory works; what must unwrap one does not.
    expect((await outage.list()).status).toBe(200);
    const search = { key: reviewer.key, json: { agent: 'a' } };
    expect((await world.call('POST', '/v1/recordings/search', search)).status).toBe(200);
    const wish = { recording, purpose: 'quality', reason: 'weekly sample', minutes: 5 };
    expect((await world.call('POST', '/v1/access-requests', { key: reviewer.key, json: wish })).status).toBe(201);
    const heard = await outage.media(running, { range: 'bytes=5000000-5000999' });
    expect(heard.status).toBe(206);
    expect(Buffer.from(await heard.arrayBuffer()).equals(big.subarray(5_000_000, 5_001_000))).toBe(true);
    world.vault.metadataKeys.drop(harbour.tenant);
    await expectAway([
      outage.media(opened),
      outage.media(running),
      outage.list(),
      world.call('POST', '/v1/recordings/search', search),
    ]);

    await outage.revive();
    expect((await outage.media(running)).status).toBe(200);
    expect((await outage.media(opened)).status).toBe(200);
    for (const put of deposits) expect((await put()).status).toBe(201);
    // An upload that is retried after that gets the stored result.
    expect((await world.ingest(harbour, 'small', small)).status).toBe(200);
    const all = await outage.ids();
    expect(all).toHaveLength(new Set(all).size);
    expect(all).toHaveLength(4);
    expect(await recoverStale(world.vault, minuteRequest())).toBe(0);
  });
});

describe('a session in progress', () => {
  const state = async (session: string) =>
    (await outage.world.vault.db.read((rows) => rows.sessions.find(harbour.tenant, session), minuteRequest()))?.state;

  it.each(['throttle', 'internal', 'refused'] as const)('survives two minutes of %s and no more', async (death) => {
    const { running } = await begun();
    const watch = keyWatcher(outage.world.vault);
    await outage.kill('keys', death);
    await watch(minuteRequest());
    // The rounds themselves take seconds too.
    for (const seconds of [30, 30, 30, 10]) {
      outage.world.forward(seconds * 1000);
      await watch(minuteRequest());
      expect(await state(running)).toBe('LIVE');
      expect((await outage.media(running, { range: 'bytes=0-9' })).status).toBe(206);
    }
    outage.world.forward(21_000);
    expect(await watch(minuteRequest())).toBe(1);
    expect(await state(running)).toBe('ENDED');
    await outage.revive();
    await expectProblem(await outage.media(running), 403, 'session_ended');
  });

  it.each<[string, (key: string) => Promise<void>]>([
    ['disabled, which KMS spreads slowly', disable],
    ['denied by its policy', () => outage.double.deny({ action: 'kms:Decrypt' })],
  ])('ends in the next round of the watch where its key is %s', async (_how, take) => {
    const { running, grant } = await begun();
    const { vault } = outage.world;
    const watch = keyWatcher(vault);
    const tenant = await vault.db.read((rows) => rows.tenants.find(harbour.tenant), minuteRequest());
    await take(tenant?.key?.id ?? '');
    expect(await watch(minuteRequest())).toBe(1);
    expect(vault.sessionKeys.sessions()).toEqual([]);
    await expectProblem(await outage.media(running, { range: 'bytes=0-9' }), 503, 'key_refused');
    await expectProblem(await outage.list(), 503, 'key_refused');
    await expectProblem(await outage.world.ingest(harbour, 'late', small), 503, 'key_refused');
    expect(await state(running)).toBe('ENDED');
    await outage.double.deny();
    const owner = kmsAt(outage.double);
    await owner.send(new EnableKeyCommand({ KeyId: tenant?.key?.id ?? '' }));
    owner.destroy();
    // The key is back, the session is not; a new one opens on the same grant.
    await expectProblem(await outage.media(running), 403, 'session_ended');
    expect((await outage.media(await outage.world.session(harbour, grant))).status).toBe(200);
    expect((await outage.world.ingest(harbour, 'late', small)).status).toBe(201);
  });

  /** Disables a key. Calls made before KMS has spread the change still succeed, also those of the watch. */
  async function disable(KeyId: string): Promise<void> {
    const { double, world } = outage;
    await double.set({ propagationMs: null });
    const owner = kmsAt(double);
    await owner.send(new DisableKeyCommand({ KeyId }));
    owner.destroy();
    expect(await keyWatcher(world.vault)(minuteRequest())).toBe(0);
    expect(world.vault.sessionKeys.sessions()).toHaveLength(1);
    await double.set({ propagationMs: 0 });
  }

  it('survives a shorter outage', async () => {
    const { running } = await begun();
    const watch = keyWatcher(outage.world.vault);
    await outage.kill('keys', 'throttle');
    await watch(minuteRequest());
    outage.world.forward(90_000);
    await watch(minuteRequest());
    await outage.revive();
    await watch(minuteRequest());
    outage.world.forward(119_000);
    await outage.kill('keys', 'throttle');
    await watch(minuteRequest());
    expect(await state(running)).toBe('LIVE');
    await outage.revive();
    expect((await outage.media(running)).status).toBe(200);
  });
});
