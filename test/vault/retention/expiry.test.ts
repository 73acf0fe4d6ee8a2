// Expiry: due recordings go in batches, at a pace, and only while nothing keeps them or expiry waits.
import { describe, expect, it } from 'vitest';
import { leafHash } from '../../../src/model/audit-event.ts';
import { checkLog } from '../../../src/model/log/check.ts';
import type { Recording } from '../../../src/model/recording.ts';
import { event, systemActor } from '../../../src/vault/core/events/events.ts';
import { processClock } from '../../../src/vault/core/time/process-clock.ts';
import { continueErasures } from '../../../src/vault/erasure/continue-erasures.ts';
import { expirer } from '../../../src/vault/retention/expire.ts';
import { expireBatch } from '../../../src/vault/retention/expire-batch.ts';
import { eventsOf } from '../../support/changes.ts';
import { ENGINES } from '../../support/engines.ts';
import { applyToAll, eraseAfter, setRules } from '../../support/retention-rules.ts';
import { wavOf } from '../../support/vault.ts';
import { sharedWorld } from '../../support/worlds.ts';

const DAY = 86_400_000;
const MINUTE = 60_000;
const request = () => ({ signal: AbortSignal.timeout(120_000) });
const never = (): void => undefined;

describe.each(ENGINES)('on $engine, expiry $reason', ({ engine, present }) => {
  const world = sharedWorld({ erasePerMinute: 6 }, engine);
  const tenant = () => world.harbour.tenant;
  const deposit = (callId: string, sent = {}) => world.deposited(world.harbour, callId, wavOf(4_000), sent);
  const row = async (id: string): Promise<Recording> => {
    const found = await world.vault.db.read(({ recordings }) => recordings.find(tenant(), id), request());
    if (found === null) throw new Error('there is the recording');
    return found;
  };
  const statesOf = async (ids: readonly string[]) => (await Promise.all(ids.map(row))).map(({ state }) => state);
  const expiry = async () => world.vault.db.read(({ retention }) => retention.expiry(tenant()), request());
  const set = async (id: string, to: Partial<Recording>) => {
    const { version, keepUntil, eraseAfter: due, ruled, profile } = { ...(await row(id)), ...to };
    await world.vault.db.note(
      ({ retention }) =>
        retention.setLifetimes([{ tenant: tenant(), id, version, keepUntil, eraseAfter: due, ruled, profile }]),
      request(),
    );
  };
  const batchOf = async (candidates: readonly string[]) => {
    const found = await world.vault.db.read(({ tenants }) => tenants.find(tenant()), request());
    if (found === null) throw new Error('there is the tenant');
    const metadataKey = await world.vault.metadataKeys.get(found, request());
    const clockSince = new Date(world.vault.clock.now() - DAY).toISOString();
    const batch = { tenant: tenant(), metadataKey, candidates: [...candidates].sort(), clockSince };
    return expireBatch(world.vault, batch, request());
  };
  const erasingEvents = async () =>
    (await eventsOf(world, tenant())).filter(({ action }) => /^recording\.eras|^expiry/.test(action));

  it.runIf(present)('erases what is due at its pace, in one event a batch', async () => {
    const ids = [await deposit('e-1'), await deposit('e-2'), await deposit('e-3')];
    const rules = await setRules(world, tenant(), eraseAfter('P1D'));
    await applyToAll(world);
    const expire = expirer(world.vault, never);
    world.forward(MINUTE);
    expect(await expire(request())).toBe(0);
    expect(await statesOf(ids)).toEqual(['AVAILABLE', 'AVAILABLE', 'AVAILABLE']);
    world.forward(3 * DAY);
    expect(await expire(request())).toBe(3);
    expect(await statesOf(ids)).toEqual(['ERASING', 'ERASING', 'ERASING']);
    const [began] = await erasingEvents();
    expect(began?.object).toEqual({
      ...{ type: 'tenant', id: tenant(), recordings: [...ids].sort().join(','), reason: 'retention', cause: rules },
      clock_since: expect.stringMatching(/Z$/),
    });
    const found = await world.vault.db.read(({ log }) => log.eventsOf(tenant(), ids[0] ?? '', null, 1), request());
    expect(JSON.parse(Buffer.from(found[0]?.leaf ?? '').toString())).toMatchObject({ action: 'recording.erasing' });
    for (const minutes of [1, 5, 10]) {
      world.forward(minutes * MINUTE);
      await continueErasures(world.vault, request());
    }
    expect(await statesOf(ids)).toEqual(['ERASED', 'ERASED', 'ERASED']);
    const [, ended] = await erasingEvents();
    expect(ended).toMatchObject({ action: 'recording.erased', object: { recordings: [...ids].sort().join(',') } });
    expect(ended?.object['begun']).toBe(began?.seq);
    const list = await world.vault.db.read(({ erasures }) => erasures.begunBy(tenant(), began?.seq ?? 0), request());
    expect(new Set(list.map((one) => one.list)).size).toBe(1);
  });

  it.runIf(present)('goes no faster than its pace', async () => {
    const ids = await Promise.all(Array.from({ length: 9 }, (_, n) => deposit(`p-${n}`)));
    const expire = expirer(world.vault, never);
    world.forward(3 * DAY);
    // A pause of any length allows one minute's recordings at once.
    expect(await expire(request())).toBe(6);
    expect(await expire(request())).toBe(0);
    world.forward(20_000);
    expect(await expire(request())).toBe(2);
    world.forward(MINUTE);
    expect(await expire(request())).toBe(1);
    expect(new Set(await statesOf(ids))).toEqual(new Set(['ERASING']));
    expect((await expiry())?.erased).toBeGreaterThanOrEqual(9);
  });

  it.runIf(present)('spares what is held or restricted, and what is not due by its facts', async () => {
    const [held, restricted, early, kept] = [
      await deposit('k-1'),
      await deposit('k-2'),
      await deposit('k-3'),
      await deposit('k-4'),
    ];
    world.forward(3 * DAY);
    const young = await deposit('k-5');
    await world.vault.db.change(async (tx) => {
      const one = await tx.recordings.lock(tenant(), held);
      const two = await tx.recordings.lock(tenant(), restricted);
      if (one !== null) await tx.recordings.change(one, { holds: 1 });
      if (two !== null) await tx.recordings.change(two, { restricted: two.created });
      return { result: undefined, events: [dummy(world)] };
    }, request());
    // Rows edited by SQL make nothing go earlier than its facts say.
    const soon = new Date(Date.now() - DAY).toISOString();
    await set(young, { eraseAfter: soon, keepUntil: null });
    const patched = await world.call('PATCH', '/v1/ingest/pbx/k-4', {
      key: world.harbour.uploader.key,
      json: { notes: 'amended' },
      headers: { 'content-type': 'application/merge-patch+json' },
    });
    expect(patched.status).toBe(200);
    expect(await batchOf([held, restricted, young])).toMatchObject({ erased: 0, damaged: [], differing: [young] });
    expect(await statesOf([held, restricted, young])).toEqual(['AVAILABLE', 'AVAILABLE', 'AVAILABLE']);
    // Passed over for a day.
    const { eraseAfter: soonest } = await row(young);
    expect(Date.parse(soonest ?? '') - world.vault.clock.now()).toBeGreaterThan(DAY - MINUTE);
    const expire = expirer(world.vault, never);
    world.forward(MINUTE);
    expect(await expire(request())).toBe(2);
    expect(await statesOf([held, restricted, early, kept, young])).toEqual([
      ...['AVAILABLE', 'AVAILABLE', 'ERASING', 'ERASING', 'AVAILABLE'],
    ]);
  });

  it.runIf(present)('waits while rules are applied, paused, or before the clock is trusted', async () => {
    const id = await deposit('w-1');
    const expire = expirer(world.vault, never);
    await setRules(world, tenant(), eraseAfter('P2D'));
    world.forward(4 * DAY);
    expect(await expire(request())).toBe(0);
    expect(await batchOf([id])).toMatchObject({ erased: 0, damaged: [], differing: [] });
    await applyToAll(world);
    // A process that began just now: its clock is not trusted for age yet.
    const began = expirer({ ...world.vault, processClock: processClock(world.vault.clock) }, never);
    expect(await began(request())).toBe(0);
    await world.vault.db.change(async (tx) => {
      const current = await tx.retention.lockExpiry(tenant());
      if (current !== null) await tx.retention.changeExpiry(current, { state: 'PAUSED', since: current.day });
      return { result: undefined, events: [dummy(world)] };
    }, request());
    world.forward(MINUTE);
    expect(await expire(request())).toBe(0);
    expect(await batchOf([id])).toMatchObject({ erased: 0, damaged: [], differing: [] });
    await world.vault.db.change(async (tx) => {
      const current = await tx.retention.lockExpiry(tenant());
      if (current !== null) await tx.retention.changeExpiry(current, { state: 'RUNNING', since: null });
      return { result: undefined, events: [dummy(world)] };
    }, request());
    expect(await expire(request())).toBeGreaterThan(0);
    expect(await statesOf([id])).toEqual(['ERASING']);
  });

  it.runIf(present)('leaves a log without findings', async () => {
    const events = await world.vault.db.read(({ log }) => log.events(tenant(), 0, 10_000), request());
    const findings = checkLog(`${world.vault.settings.origin}/${tenant()}`, events, leafHash);
    // The rules of this test come without a change.
    expect(findings.filter(({ code }) => code !== 'change_missing')).toEqual([]);
  });
});

/** An event of a change that the test makes by itself. */
function dummy({ vault, harbour }: ReturnType<typeof sharedWorld>) {
  return event(harbour.tenant, systemActor(vault.settings), 'log.read', { id: harbour.tenant }, {});
}
