// Expiry that stops: by a person at once, by itself when too much is due, and resumed by two people.
import { beforeAll, describe, expect, it } from 'vitest';
import type { Recording } from '../../src/model/recording.ts';
import { expirer } from '../../src/vault/retention/expire.ts';
import { eventsOf, type SteppingUp, withPasskey } from '../support/changes.ts';
import { ENGINES } from '../support/engines.ts';
import { insertMany } from '../support/many-recordings.ts';
import { applyToAll, eraseAfter, setRules } from '../support/retention-rules.ts';
import { sharedWorld } from '../support/worlds.ts';

const DAY = 86_400_000;
const request = () => ({ signal: AbortSignal.timeout(300_000) });
const never = (): void => undefined;

describe.each(ENGINES)('on $engine, expiry that stops $reason', ({ engine, present }) => {
  const world = sharedWorld({ erasePerMinute: 20 }, engine);
  const tenant = () => world.harbour.tenant;
  let [privacy, admin]: SteppingUp[] = [];
  beforeAll(async () => {
    if (!present) return;
    await callsBegun(2_100, 40);
    await setRules(world, tenant(), eraseAfter('P30D'), 2_100);
    await applyToAll(world);
    // Sign-ins end meanwhile: people come after it.
    world.forward(3 * DAY);
    privacy = await withPasskey(world, tenant(), world.harbour.privacy.id);
    admin = await withPasskey(world, tenant(), world.harbour.admin.id);
  }, 300_000);

  const call = async (who: SteppingUp | undefined, method: string, path: string, json?: unknown) => {
    const reply = await who?.browser.call(method, path, json === undefined ? {} : { json });
    return { status: reply?.status, body: (await reply?.json()) as Record<string, unknown> };
  };
  const callsBegun = (count: number, daysAgo: number) => {
    const started_at = new Date(Date.now() - daysAgo * DAY).toISOString();
    return insertMany(
      world,
      tenant(),
      Array.from({ length: count }, (_, n) => ({
        ...{ v: 1, source: 'pbx', call_id: `c-${daysAgo}-${n}`, leg: '0', started_at, basis: { kind: 'contract' } },
      })),
    );
  };
  const resume = async () => {
    const proposed = await call(privacy, 'POST', '/v1/changes', { kind: 'resume', note: 'looked at them' });
    expect(proposed.status, JSON.stringify(proposed.body)).toBe(201);
    const id = String(proposed.body['id']);
    const alone = await call(privacy, 'POST', `/v1/changes/${id}/approve`);
    expect(alone.status).toBe(403);
    return call(admin, 'POST', `/v1/changes/${id}/approve`);
  };

  it.runIf(present)('is paused by one privacy officer, and by no one else', async () => {
    expect((await call(admin, 'POST', '/v1/expiry/pause')).status).toBe(403);
    expect(await call(privacy, 'POST', '/v1/expiry/pause')).toMatchObject({ status: 200, body: { state: 'paused' } });
    expect((await call(privacy, 'POST', '/v1/expiry/pause')).status).toBe(409);
    expect(await resume()).toMatchObject({ status: 200, body: { state: 'applied' } });
    expect((await call(privacy, 'GET', '/v1/expiry')).body).toMatchObject({ state: 'running', since: null });
    expect((await call(privacy, 'POST', '/v1/changes', { kind: 'resume', note: 'once more' })).status).toBe(409);
  });

  it.runIf(present)('does not brake for as many as the preview said', async () => {
    const expire = expirer(world.vault, never);
    world.forward(60_000);
    expect(await expire(request())).toBe(20);
    expect((await call(privacy, 'GET', '/v1/expiry')).body).toMatchObject({
      ...{ state: 'running', due: 2_080, erased_today: 20 },
    });
  });

  it.runIf(present)('brakes above twice the most that anyone has seen, and only two people go on', async () => {
    const ids = await callsBegun(2_200, 50);
    const found = await world.vault.db.read(({ recordings }) => recordings.findMany(tenant(), ids), request());
    const day = new Date(Date.now()).toISOString();
    // As at the end of their grace.
    await world.vault.db.note(
      ({ retention }) => retention.setLifetimes(found.map((one) => ({ ...lifetimeIn(one), eraseAfter: day }))),
      request(),
    );
    const expire = expirer(world.vault, never);
    world.forward(60_000);
    expect(await expire(request())).toBe(0);
    expect((await call(privacy, 'GET', '/v1/expiry')).body).toMatchObject({ state: 'braked', due: 4_280 });
    const braked = (await eventsOf(world, tenant())).filter(({ action }) => action === 'expiry.braked');
    expect(braked.map(({ object }) => [object['due'], object['most']])).toEqual([[4_300, 4_200]]);
    expect(await resume()).toMatchObject({ status: 200 });
    expect(await expire(request())).toBe(20);
    expect((await call(privacy, 'GET', '/v1/expiry')).body).toMatchObject({ state: 'running', due: 4_260 });
  });
});

function lifetimeIn({ tenant, id, version, keepUntil, eraseAfter: due, ruled, profile }: Recording) {
  return { tenant, id, version, keepUntil, eraseAfter: due, ruled, profile };
}
