// The database is lost: an empty one takes its logs first, then the rows that the store still has.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { locationOf } from '../../../src/model/tenant.ts';
import { ENGINES } from '../../support/engines.ts';
import { createStaffedTenant, minuteSignal } from '../../support/fault-deployment.ts';
import { needs } from '../../support/needs.ts';
import { depositCall, outcomeOf, rebuiltTenant } from '../../support/rebuilt-tenant.ts';
import { amend } from '../../support/replayed-calls.ts';
import { putEntries, startUp, tenantRow } from '../../support/restorable.ts';
import {
  eventsIn,
  restored,
  type SealedDeployment,
  sealAll,
  sealedDeployment,
  verified,
} from '../../support/sealed-deployment.ts';

const python = needs('python-cryptography');

describe.each(ENGINES)('a lost database on $engine $reason', ({ engine, present }) => {
  if (!present) return it.skip('needs the engine');
  let of: SealedDeployment;
  let [tenant, key, recording, place]: [string, string, string, ReturnType<typeof locationOf>] = [
    '',
    '',
    '',
    null as never,
  ];
  let entries: string[];

  beforeEach(async () => {
    of = await sealedDeployment(engine);
    tenant = of.people.tenant;
    const { vault } = await of.start();
    expect(await startUp(vault)).toEqual([]);
    recording = (await depositCall(vault, of.people, 'one')).recording;
    await depositCall(vault, of.people, 'two');
    for (const agent of ['B2', 'C3']) await amend(vault, tenant, recording, { agent });
    entries = await putEntries(vault, tenant);
    const row = await tenantRow(vault, tenant);
    key = row.key?.id ?? '';
    place = locationOf(row);
    await sealAll(vault);
  });
  afterEach(() => of.end());

  it('takes nothing before its logs, then rebuilds, and the indexes go on', async () => {
    const published = await eventsIn((await of.start()).vault, tenant);
    await of.stop();
    const { vault } = await of.startEmpty();
    expect(await startUp(vault)).toContain('compare logs: integrity');
    // Neither a new tenant nor a rebuilt one begins a second history.
    expect(await outcomeOf(createStaffedTenant(vault, 'Yunhai'))).toBe('audit_unavailable');
    await expect(rebuiltTenant(vault, tenant, key)).rejects.toThrow(`callvault log restore ${tenant}`);
    expect(await vault.db.read((rows) => rows.log.size(tenant), minuteSignal())).toBe(0);
    await restored(vault, 'deployment');
    expect(await restored(vault, tenant)).toMatchObject({ was: 'behind', from: 0, to: published.length - 1 });
    expect(await rebuiltTenant(vault, tenant, key)).toMatchObject({
      recordings: 2,
      deposits: 2,
      entries: 2,
      problems: [],
    });
    const after = await eventsIn(vault, tenant);
    expect(after.slice(0, published.length)).toEqual(published);
    expect(after.map(({ seq }) => seq)).toEqual(after.map((_, n) => n));
    expect(after.slice(published.length).map(({ action }) => action)).toEqual(
      expect.arrayContaining(['log.restored', 'tenant.rebuilt', 'vault.rebuilt']),
    );
    expect(await startUp(vault)).toEqual([]);
    await sealAll(vault);
    if (!python.present) return;
    const { findings } = await verified(vault, tenant);
    expect(findings).toEqual([]);
  });

  it('names the stream whose last entry is missing in the store, by the restored log', async () => {
    const { vault: before } = await of.start();
    await before.store.delete(place, entries.at(-1) ?? '', minuteSignal());
    await of.stop();
    const { vault } = await of.startEmpty();
    await restored(vault, 'deployment');
    await restored(vault, tenant);
    const { problems } = await rebuiltTenant(vault, tenant, key);
    expect(problems).toEqual([expect.stringMatching(`^amendment_behind .*${recording}-00000002`)]);
    const row = await vault.db.read((rows) => rows.recordings.find(tenant, recording), minuteSignal());
    expect(row?.quarantine).toContain('integrity');
  });
});
