// Erasures beside concurrent work on the recording: nothing of it remains, and nothing can be played afterwards.
import { beforeEach, describe, expect, it } from 'vitest';
import { VaultError } from '../../../src/errors.ts';
import type { ObjectStore } from '../../../src/ports/object-store.ts';
import { requestAccess } from '../../../src/vault/access/request-access.ts';
import type { Vault } from '../../../src/vault/core/vault.ts';
import { deposit } from '../../../src/vault/deposit/deposit.ts';
import { recoverStale } from '../../../src/vault/deposit/recover-stale.ts';
import { openAudio } from '../../../src/vault/listening/media.ts';
import { ENGINES } from '../../support/engines.ts';
import { freshErasureWorld } from '../../support/erasure-world.ts';
import { gate } from '../../support/fixture-rows.ts';
import { bodyOf } from '../../support/vault.ts';
import { wav } from '../../support/wav.ts';

const eight = [0, 1, 2, 3, 4, 5, 6, 7];

describe.each(ENGINES)('an erasure over $engine $reason', ({ engine, present }) => {
  const world = freshErasureWorld(engine);
  let tenant: string;

  beforeEach(() => {
    ({ tenant } = world.harbour);
  });

  const uploader = () =>
    ({
      tenant,
      principal: world.harbour.uploader.id,
      kind: 'service',
      roles: ['uploader'],
      scopes: ['ingest'],
      auth: 'api-key',
      humans: [],
    }) as const;
  const described = async (callId: string): Promise<string> => {
    const json = { source: 'pbx', call_id: callId };
    const reply = await world.call('POST', '/v1/recordings', { key: world.harbour.uploader.key, json });
    return ((await reply.json()) as { id?: string; recording?: string }).recording ?? '';
  };
  const audio = (recording: string, bytes = wav(100_000)) => ({
    target: { recording },
    name: 'audio',
    type: 'audio/wav',
    body: bodyOf(bytes),
  });
  const code = (error: unknown): string => (error instanceof VaultError ? error.code : String(error));
  const outcome = (work: Promise<unknown>): Promise<string> => work.then(() => 'done', code);
  /** Runs background work until it ends, and checks what remains. */
  const expectGone = async (recording: string): Promise<void> => {
    for (const ahead of [0, 181_000, 24 * 3_600_000 + 1000]) {
      world.forward(ahead);
      await world.on();
    }
    await world.read(async (rows) => {
      expect((await rows.recordings.find(tenant, recording))?.state).toBe('ERASED');
      for (const { id, state } of await rows.deposits.ofRecording(tenant, recording)) {
        expect([state, await rows.wrappedKeys.find(tenant, id)]).toEqual(['ABORTED', null]);
      }
      expect(await rows.sessions.liveOn(tenant, recording)).toEqual([]);
      expect(await rows.access.openRequests(tenant, recording)).toEqual([]);
      expect(await rows.access.openGrants(tenant, recording)).toEqual([]);
      const erasure = await rows.erasures.find(tenant, recording);
      expect(await world.names(recording)).toEqual([]);
      expect(await world.lists(tenant)).toContain(erasure?.list);
    });
  };
  /** The vault, except that puts of envelopes wait. */
  const holdingEnvelopes = (before: ObjectStore['put']): Vault => {
    const { store } = world.vault;
    const put: ObjectStore['put'] = async (place, path, bytes, op, wait) => {
      if (path.includes('/e/')) await before(place, path, bytes, op, wait);
      return store.put(place, path, bytes, op, wait);
    };
    return { ...world.vault, store: { ...store, put } };
  };

  it.skipIf(!present)('leaves nothing of concurrent deposits', async () => {
    const recordings = await Promise.all(eight.map((n) => described(`call-${n}`)));
    const outcomes = await Promise.all(
      recordings.map(async (recording, n) => {
        const stored = outcome(deposit(world.vault, uploader(), audio(recording), world.request()));
        await new Promise((resolve) => setTimeout(resolve, n * 4));
        await world.erase(tenant, recording);
        return stored;
      }),
    );
    // The deposit was acknowledged before the erasure, rejected as erased, or retryable: then the retry is rejected as
    // erased.
    for (const one of outcomes) expect(['done', 'erased', 'upload_in_progress']).toContain(one);
    for (const recording of recordings) {
      const again = outcome(deposit(world.vault, uploader(), audio(recording), world.request()));
      expect(await again).toBe('erased');
    }
    for (const recording of recordings) await expectGone(recording);
  });

  it.skipIf(!present)('ends an upload whose body is still arriving', async () => {
    const recording = await described('call-1');
    const [begun, erased] = [gate(), gate()];
    const pieces = async function* () {
      yield wav(100_000);
      begun.open();
      await erased.passed;
      yield Buffer.alloc(9_000_000);
    };
    const body = { bytes: pieces(), length: null, sha256: null, whole: () => true };
    const stored = outcome(deposit(world.vault, uploader(), { ...audio(recording), body }, world.request()));
    await begun.passed;
    await world.erase(tenant, recording);
    // The uploader has lost its lease: the erasure does not wait for the body's end.
    expect(await world.on()).toBe(1);
    erased.open();
    expect(await stored).toBe('upload_in_progress');
    expect(await world.names('')).not.toContainEqual(expect.stringContaining('.staging'));
    await expectGone(recording);
  });

  it.skipIf(!present).each([
    ['swept', 'store_unavailable'],
    ['not swept yet', 'upload_in_progress'],
  ])('takes over a deposit in its last step, the store %s: deletes what that step writes late', async (swept, told) => {
    const recording = await described('call-1');
    const [reached, erased] = [gate(), gate()];
    const slow = holdingEnvelopes(async () => {
      reached.open();
      await erased.passed;
    });
    const stored = outcome(deposit(slow, uploader(), audio(recording), world.request()));
    await reached.passed;
    await world.erase(tenant, recording);
    if (swept === 'swept') await world.on();
    erased.open();
    expect(await stored).toBe(told);
    expect(await world.names(`e/${recording}`)).toEqual([]);
    expect(await world.names(`r/${recording}`)).toEqual([]);
    await expectGone(recording);
  });

  it.skipIf(!present)('takes over a deposit from recovery', async () => {
    const recording = await described('call-1');
    const away = holdingEnvelopes(async () => {
      throw new VaultError('store_unavailable', 'planted');
    });
    expect(await outcome(deposit(away, uploader(), audio(recording), world.request()))).toBe('store_unavailable');
    world.forward(61_000);
    const [reached, erased] = [gate(), gate()];
    const slow = holdingEnvelopes(async () => {
      reached.open();
      await erased.passed;
    });
    const settled = recoverStale(slow, world.request());
    await reached.passed;
    await world.erase(tenant, recording);
    erased.open();
    expect(await settled).toBe(0);
    await expectGone(recording);
  });

  it.skipIf(!present)('ends sessions that are opened and played concurrently', async () => {
    const recording = await world.ingested(world.harbour, 'call-1');
    const grants: string[] = [];
    for (const _ of eight) grants.push(await world.grant(world.harbour, recording));
    const { key } = world.harbour.reviewer;
    const heard = grants.map(async (grant) => {
      const opened = await world.call('POST', `/v1/grants/${grant}/sessions`, { key });
      const { id } = (await opened.json()) as { id: string };
      if (opened.status !== 201) return [opened.status];
      const media = await world.call('GET', `/v1/sessions/${id}/media`, { key });
      await media.arrayBuffer().catch(() => null);
      return [201, media.status];
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    await world.erase(tenant, recording);
    // Opened before the erasure; or too late, at any of the steps.
    for (const one of await Promise.all(heard)) expect(['201,200', '201,410', '201,403', '410']).toContain(`${one}`);
    expect(world.vault.sessionKeys.sessions()).toEqual([]);
    await expectGone(recording);
  });

  it.skipIf(!present)('overwrites a key that a reply unwraps after its session has ended', async () => {
    const recording = await world.ingested(world.harbour, 'call-1');
    const { reviewer } = world.harbour;
    const grant = await world.grant(world.harbour, recording);
    const opened = await world.call('POST', `/v1/grants/${grant}/sessions`, { key: reviewer.key });
    const { id } = (await opened.json()) as { id: string };
    const [counted, erased] = [gate(), gate()];
    const { db } = world.vault;
    let notes = 0;
    const note: Vault['db']['note'] = async (work, wait) => {
      const result = await db.note(work, wait);
      // The bytes, then the unwrap that follows.
      notes++;
      if (notes < 2) return result;
      counted.open();
      await erased.passed;
      return result;
    };
    const by = { ...uploader(), principal: reviewer.id, kind: 'person', roles: ['reviewer'] } as const;
    const media = await openAudio({ ...world.vault, db: { ...db, note } }, by, id, world.request());
    const heard = outcome(media.readRange(0, 1_000).next());
    await counted.passed;
    await world.erase(tenant, recording);
    erased.open();
    expect(await heard).toBe('erased');
    expect(world.vault.sessionKeys.sessions()).toEqual([]);
  });

  it.skipIf(!present)('leaves neither requests nor grants that are made concurrently', async () => {
    const recording = await world.ingested(world.harbour, 'call-1');
    const { reviewer, supervisor } = world.harbour;
    const wish = { recording, purpose: 'quality', objects: ['audio'], reason: 'said of it', minutes: 15 } as const;
    const by = {
      tenant,
      principal: reviewer.id,
      kind: 'person',
      roles: ['reviewer'],
      auth: 'api-key',
      humans: [reviewer.id],
      scopes: ['request'],
    } as const;
    const open: string[] = [];
    for (const _ of eight) open.push((await requestAccess(world.vault, by, wish, world.request())).request.id);
    const works = open.map(async (id) => {
      const approved = await world.call('POST', `/v1/access-requests/${id}/approve`, { key: supervisor.key });
      return approved.status;
    });
    const asked = eight.map(() => outcome(requestAccess(world.vault, by, wish, world.request())));
    const [erased] = await Promise.all([world.erase(tenant, recording)]);
    expect(erased.again).toBe(false);
    for (const status of await Promise.all(works)) expect([200, 403, 409]).toContain(status);
    for (const one of await Promise.all(asked)) expect(['done', 'erased']).toContain(one);
    await expectGone(recording);
    const rows = await world.read((read) => read.access.requests(tenant, {}, null, 100));
    expect(rows.filter(({ words }) => words.length > 0)).toEqual([]);
  });
});
