// After `clock correct`: a policy that two people decide is in force at once, although one was made in the wrong time; a hold
// by query covers the calls that were stored in it.
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { correctClockByCommand } from '../../src/vault/commands/clock.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { eraseRecording } from '../../src/vault/erasure/erase-recording.ts';
import { browserOf, requestChallenge } from '../support/browser.ts';
import { type SteppingUp, signingBrowser, withPasskey } from '../support/changes.ts';
import { ENGINES } from '../support/engines.ts';
import { wavOf } from '../support/vault.ts';
import { sharedWorld } from '../support/worlds.ts';

const AHEAD_MS = 20 * 86_400_000;
const OPERATOR = operatorActor('op-1');
const wait = () => ({ signal: AbortSignal.timeout(600_000) });

describe.each(ENGINES)('on $engine, after the clock was corrected $reason', ({ engine, present }) => {
  const world = sharedWorld({}, engine);
  let [before, wrong]: string[] = [];
  let [privacy, admin]: SteppingUp[] = [];

  const call = async (who: SteppingUp | undefined, method: string, path: string, json?: unknown) => {
    const reply = await who?.browser.call(method, path, json === undefined ? {} : { json });
    return { status: reply?.status, body: (await reply?.json()) as Record<string, unknown> };
  };
  const inForce = async () => {
    const all = (await call(privacy, 'GET', '/v1/policies')).body['data'] as Record<string, unknown>[];
    const id = String(all.find((one) => one['in_force'] === true)?.['id']);
    const { policy } = (await call(privacy, 'GET', `/v1/policies/${id}`)).body as { policy: Record<string, unknown> };
    return { id, policy };
  };
  const setBulk = async (bulk: number) => {
    const { id: base, policy } = await inForce();
    const wish = { kind: 'policy', note: 'fewer at once', base, policy: { ...policy, bulk } };
    const proposed = await call(privacy, 'POST', '/v1/changes', wish);
    expect(proposed.status).toBe(201);
    const approved = await call(admin, 'POST', `/v1/changes/${String(proposed.body['id'])}/approve`);
    expect(approved.status).toBe(200);
  };
  /** A new sign-in with the same passkey: the one from the wrong time has ended. */
  const again = async ({ id, key }: SteppingUp): Promise<SteppingUp> => {
    const browser = browserOf(world);
    const { challenge_id, options } = await requestChallenge(browser, '/v1/sign-in/passkey/options');
    const reply = await browser.call('POST', '/v1/sign-in/passkey', {
      json: { challenge_id, response: key.prove(options) },
    });
    expect(reply.status).toBe(200);
    return { id, key, browser: signingBrowser(browser, key) };
  };
  const correct = () =>
    correctClockByCommand(
      world.vault,
      OPERATOR,
      async (all) => {
        for await (const _one of all);
      },
      { note: '', alone: false, change: null },
      wait(),
    );

  beforeAll(async () => {
    if (!present) return;
    const { harbour } = world;
    before = await world.deposited(harbour, 'before', wavOf(500), { 'vault-meta-queue': 'Cards' });
    // The whole process's clock: new ids have its time too.
    const { now } = Date;
    const clock = vi.spyOn(Date, 'now').mockImplementation(() => now() + AHEAD_MS);
    wrong = await world.deposited(harbour, 'wrong', wavOf(500), { 'vault-meta-queue': 'Cards' });
    privacy = await withPasskey(world, harbour.tenant, harbour.privacy.id);
    admin = await withPasskey(world, harbour.tenant, harbour.admin.id);
    await setBulk(7);
    clock.mockRestore();
    expect((await correct()).done).toBe(true);
    privacy = await again(privacy);
    admin = await again(admin);
  }, 300_000);

  it.runIf(present)('a policy by two is in force at once', async () => {
    const { id, policy } = await inForce();
    expect(policy).toMatchObject({ bulk: 7 });
    await setBulk(6);
    const now = await inForce();
    expect(now.policy).toMatchObject({ bulk: 6 });
    expect(now.id > id).toBe(true);
  });

  it.runIf(present)('a hold by query covers what was stored in the wrong time', async () => {
    const json = {
      ...{ reference: 'HB-1', title: 'Fenwick', review: new Date(Date.now() + 90 * 86_400_000).toISOString() },
      query: { queue: 'Cards' },
    };
    const { harbour } = world;
    const reply = await world.call('POST', '/v1/holds', { key: harbour.privacy.key, json });
    expect(reply.status).toBe(201);
    expect(await reply.json()).toMatchObject({ recordings: 2, held: 2 });
    for (const recording of [before, wrong]) {
      const erasing = eraseRecording(
        world.vault,
        OPERATOR,
        { tenant: harbour.tenant, recording: recording ?? '', reason: 'request' },
        wait(),
      );
      await expect(erasing).rejects.toMatchObject({ code: 'held' });
    }
  });
});
