// A customer disables the key during listening and uploads: within one round of the watch nothing opens any more,
// uploads get a retryable error, no acknowledged call is lost, and everything works again with the key.
import { afterEach, describe, expect, it } from 'vitest';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { recoverStale } from '../../src/vault/deposit/recover-stale.ts';
import { keyWatcher } from '../../src/vault/listening/watch-keys.ts';
import { resumeTenant, suspendTenant } from '../../src/vault/tenants/suspension.ts';
import type { SetState } from '../contract/tested-keys.ts';
import { expectProblem } from '../http/problem.ts';
import { gate } from '../support/fixture-rows.ts';
import { doubleOwner, type KeyOwner, keyringOwner, motoOwner } from '../support/key-owner.ts';
import { needs } from '../support/needs.ts';
import { createBarrier } from '../support/rewrapping.ts';
import { startGeneration } from '../support/volume.ts';
import { wav } from '../support/wav.ts';
import type { World } from '../support/world.ts';

const request = () => ({ signal: AbortSignal.timeout(600_000) });
const by = operatorActor('op-1');
const moto = needs('moto');

let owner: KeyOwner;
afterEach(() => owner?.end());

/** Different sounds, so that none is taken for another; the large one has two parts. */
const SOUNDS = { there: wav(200_000, 1), large: wav(9_000_000, 2), committing: wav(50_000, 3), late: wav(60_000, 4) };

const heard = (world: World, session: string) =>
  world.call('GET', `/v1/sessions/${session}/media`, { key: world.harbour.reviewer.key });
const ingest = (world: World, name: keyof typeof SOUNDS) => world.ingest(world.harbour, name, SOUNDS[name]);

/**
 * Uploads the large sound: `stored` resolves once its first part is stored; the upload then waits for the rest of its
 * body.
 */
async function uploadSlowly(world: World) {
  const [stored, rest] = [gate(), createBarrier()];
  const { store } = world.vault;
  const putPart = store.putPart;
  Object.assign(store, {
    putPart: async (...of: Parameters<typeof putPart>) => {
      const receipt = await putPart(...of);
      stored.open();
      return receipt;
    },
  });
  const pieces = async function* () {
    yield SOUNDS.large.subarray(0, 8_500_000);
    await rest.pass();
    yield SOUNDS.large.subarray(8_500_000);
  };
  const source = pieces();
  const body = new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      const { done, value } = await source.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
  });
  const headers = { 'content-length': String(SOUNDS.large.length) };
  const { key } = world.harbour.uploader;
  const reply = world.call('PUT', '/v1/ingest/pbx/large', { key, type: 'audio/wav', headers, body });
  await stored.passed;
  Object.assign(store, { putPart });
  return { reply, goOn: rest.letGo };
}

/** Uploads a sound until it is COMMITTING: its envelope waits. */
async function uploadUntilCommitting(world: World) {
  const { reached, letGo, pass } = createBarrier();
  const { store } = world.vault;
  const put = store.put;
  Object.assign(store, {
    put: async (...of: Parameters<typeof put>) => {
      if (of[1].includes('/e/')) await pass();
      return put(...of);
    },
  });
  const reply = ingest(world, 'committing');
  await reached;
  Object.assign(store, { put });
  return { reply, goOn: letGo };
}

const states = async (world: World) =>
  (await world.vault.db.read((rows) => rows.deposits.stale('9999', 100), request())).map(({ state }) => state);

/** The reply is also what an uploader's log shows. */
async function expectComeAgain(reply: Response): Promise<void> {
  await expectProblem(reply.clone(), 503, 'key_refused');
  expect(Number(reply.headers.get('retry-after'))).toBeGreaterThanOrEqual(30);
  expect(await reply.json()).toMatchObject({
    title: expect.stringMatching(/key .*is unavailable/),
    retryable: true,
  });
}

const CASES = [
  ['the keyring', keyringOwner, true],
  ['KMS (double)', doubleOwner, true],
  [`KMS (moto) ${moto.reason}`, motoOwner, moto.present],
] as const;
const TAKEN: readonly (readonly [SetState, string])[] = [
  ['disabled', ''],
  ['disabled', 'in volume mode'],
  ['pending-deletion', ''],
];

describe.each(CASES)('a key of %s', (where, open, present) => {
  const cases = TAKEN.filter(([state]) => state !== 'pending-deletion' || where !== 'the keyring');

  it.skipIf(!present).each(cases)('that is %s %s', async (state, mode) => {
    owner = await open();
    const { world } = owner;
    const { harbour, yunhai, vault } = world;
    if (mode !== '') await startGeneration(vault, harbour.tenant, true);
    const { recording } = (await (await ingest(world, 'there')).json()) as { recording: string };
    const grant = await world.grant(harbour, recording);
    const session = await world.session(harbour, grant);
    expect((await heard(world, session)).status).toBe(200);
    const watch = keyWatcher(vault);
    expect(await watch(request())).toBe(0);
    const [large, committing] = [await uploadSlowly(world), await uploadUntilCommitting(world)];
    expect((await states(world)).sort()).toEqual(['COMMITTING', 'UPLOADING']);

    await owner.put(harbour.tenant, state);
    // The watch runs every thirty seconds: this is the next round.
    expect(await watch(request())).toBe(1);
    const ended = await vault.db.read((rows) => rows.sessions.find(harbour.tenant, session), request());
    expect(ended).toMatchObject({ state: 'ENDED', reason: 'key' });
    expect([vault.sessionKeys.sessions(), vault.tenantKeks.refs()]).toEqual([[], []]);
    await expectProblem(await heard(world, session), 503, 'key_refused');
    await expectComeAgain(await ingest(world, 'late'));
    large.goOn();
    committing.goOn();
    await expectComeAgain(await large.reply);
    await expectComeAgain(await committing.reply);
    // The half upload is aborted; the committed one waits, and recovery does not abort it.
    expect(await states(world)).toEqual(['COMMITTING']);
    world.forward(61_000);
    expect(await recoverStale(vault, request())).toBe(0);
    expect(await states(world)).toEqual(['COMMITTING']);
    await expectComeAgain(await ingest(world, 'committing'));
    // Other tenants have other keys.
    expect((await world.ingest(yunhai, 'theirs', SOUNDS.late)).status).toBe(201);
    expect((await world.ready.report(null)).filter(({ code }) => code !== null)).toEqual([]);

    await owner.put(harbour.tenant, 'enabled');
    world.forward(61_000);
    expect(await recoverStale(vault, request())).toBe(1);
    expect((await ingest(world, 'late')).status).toBe(201);
    expect((await ingest(world, 'committing')).status).toBe(200);
    expect((await ingest(world, 'large')).status).toBe(201);
    await expectProblem(await heard(world, session), 403, 'session_ended');
    const again = await heard(world, await world.session(harbour, grant));
    expect(Buffer.from(await again.arrayBuffer()).equals(SOUNDS.there)).toBe(true);
    const listed = await world.call('GET', '/v1/recordings', { key: harbour.reviewer.key });
    expect(((await listed.json()) as { data: unknown[] }).data).toHaveLength(4);
    expect(await states(world)).toEqual([]);
  });

  it.skipIf(!present)(
    'that is disabled without any listening: an upload with its data key in memory is finished',
    async () => {
      owner = await open();
      const { world } = owner;
      const { harbour, vault } = world;
      const large = await uploadSlowly(world);
      await owner.put(harbour.tenant, 'disabled');
      expect(await keyWatcher(vault)(request())).toBe(0);
      // A new deposit needs a new data key.
      await expectComeAgain(await ingest(world, 'late'));
      large.goOn();
      const reply = await large.reply;
      expect(reply.status).toBe(201);
      const { recording } = (await reply.json()) as { recording: string };
      const session = await world.session(harbour, await world.grant(harbour, recording));
      await expectProblem(await heard(world, session), 503, 'key_refused');
      await owner.put(harbour.tenant, 'enabled');
      const whole = await heard(world, session);
      expect(Buffer.from(await whole.arrayBuffer()).equals(SOUNDS.large)).toBe(true);
    },
  );
});

describe('a tenant that is suspended', () => {
  it('ends sessions at once, accepts no upload in progress, and finishes what was committed', async () => {
    owner = await keyringOwner();
    const { world } = owner;
    const { harbour, yunhai, vault } = world;
    const { recording } = (await (await ingest(world, 'there')).json()) as { recording: string };
    const grant = await world.grant(harbour, recording);
    const session = await world.session(harbour, grant);
    expect((await heard(world, session)).status).toBe(200);
    const [large, committing] = [await uploadSlowly(world), await uploadUntilCommitting(world)];
    expect(await suspendTenant(vault, by, harbour.tenant, request())).toBe(1);
    await expectProblem(await heard(world, session), 403, 'session_ended');
    const late = await ingest(world, 'late');
    await expectProblem(late.clone(), 503, 'not_available');
    expect(late.headers.get('retry-after')).toBe('60');
    large.goOn();
    committing.goOn();
    await expectProblem(await large.reply, 503, 'not_available');
    expect((await committing.reply).status).toBe(201);
    expect(await states(world)).toEqual([]);
    expect((await world.ingest(yunhai, 'theirs', SOUNDS.late)).status).toBe(201);
    expect((await world.ready.report(null)).filter(({ code }) => code !== null)).toEqual([]);
    await resumeTenant(vault, by, harbour.tenant, request());
    for (const name of ['late', 'large'] as const) expect((await ingest(world, name)).status).toBe(201);
    expect((await ingest(world, 'committing')).status).toBe(200);
    expect((await heard(world, await world.session(harbour, grant))).status).toBe(200);
  });
});
