// A database restored from a backup: changes that the store has and the rows lack are applied again.
import { afterEach, describe, expect, it } from 'vitest';
import { leafHash, logName } from '../../../src/model/audit-event.ts';
import { type SettingsPatch, settingsOf } from '../../../src/model/change/settings.ts';
import { checkLog } from '../../../src/model/log/check.ts';
import { changeByCommand } from '../../../src/vault/changes/by-command.ts';
import { operatorActor } from '../../../src/vault/core/events/events.ts';
import { policyInForce } from '../../../src/vault/core/policy/policy-in-force.ts';
import type { Vault } from '../../../src/vault/core/vault.ts';
import { indexUpdater } from '../../../src/vault/indexing/update-indexes.ts';
import { replayDueEntries } from '../../../src/vault/replay/replay-entries.ts';
import type { Finding } from '../../../src/vault/verify/finding.ts';
import { verifyTenantData } from '../../../src/vault/verify/verify.ts';
import { needsCloud } from '../../support/cloud.ts';
import { entriesOf } from '../../support/entries.ts';
import { api, requestAndOpen } from '../../support/fault-client.ts';
import { minuteSignal } from '../../support/fault-deployment.ts';
import { indexState } from '../../support/indexed.ts';
import { needs } from '../../support/needs.ts';
import { amend, counted, eventsOf, put, settled, stateOf } from '../../support/replayed-calls.ts';
import { putEntries, type Restorable, restorable, startUp, tenantRow } from '../../support/restorable.ts';

const ENGINES = [
  { engine: 'sqlite', present: true, reason: '' },
  { engine: 'postgresql', ...needs('postgresql') },
  { engine: 'cloud', ...needsCloud() },
] as const;

const NOTE = { start_ms: 0, category: 'note', visibility: 'team' };

const CHANGES = [
  { default_basis: 'contract', searchable: ['order'], time_zone: 'Asia/Shanghai', approver_age_hours: 7 },
  { decide_by_key: false, time_zone: null },
] as const;

/** Changes settings as an operator does who is alone. */
async function change(vault: Vault, tenant: string, settings: SettingsPatch): Promise<void> {
  const how = { note: 'a test', alone: true };
  await changeByCommand(vault, operatorActor('op-1'), tenant, { kind: 'settings', settings }, how, minuteSignal());
}

async function settingsIn(vault: Vault, id: string) {
  const tenant = await tenantRow(vault, id);
  const key = await vault.metadataKeys.get(tenant, minuteSignal());
  const { policy } = await vault.db.read((rows) => policyInForce(rows, key, id), minuteSignal());
  return settingsOf(tenant, policy);
}

/** What verification finds, without opening any blob of a deposit. */
async function verified(vault: Vault, id: string): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  const tell = { total: () => undefined, step: () => undefined, found: (one: Finding) => void found.push(one) };
  const options = { sample: 0, quarantine: false };
  await verifyTenantData(vault, operatorActor('op-1'), await tenantRow(vault, id), options, tell, minuteSignal());
  return found;
}

describe.each(ENGINES)('yesterday’s database, on $engine $reason', ({ engine, present }) => {
  let of: Restorable;
  afterEach(async () => of?.remove());

  it.skipIf(!present)('has all changes after the start, and only unknown entries are read', async () => {
    of = await restorable(engine);
    const { tenant } = of.people;
    let run = await of.start();
    expect(await startUp(settled(run.vault))).toEqual([]);
    const one = await put(run, of, 'call-1');
    const two = await put(run, of, 'call-2');
    let session = await requestAndOpen(run.url, of.people, one, 'quality');
    const comments = () => `${run.url}/v1/sessions/${session}/comments`;
    const post = (text: string) => api<{ id: string }>(comments(), of.people.reviewer, 'POST', { ...NOTE, text });
    const kept = await post('known to the backup');
    await amend(run.vault, tenant, one, { agent: 'B2' });
    await putEntries(run.vault, tenant);
    await of.backUp();

    run = await of.start();
    expect(await startUp(settled(run.vault))).toEqual([]);
    session = await requestAndOpen(run.url, of.people, one, 'quality');
    const gone = await post('removed later');
    const edited = await post('first');
    await api(`${comments()}/${edited.id}`, of.people.reviewer, 'PUT', { ...NOTE, text: 'second 第二' });
    await fetch(`${comments()}/${gone.id}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${of.people.reviewer}` },
    });
    await api(`${comments()}/${kept.id}`, of.people.reviewer, 'PUT', { ...NOTE, text: 'changed since' });
    await amend(run.vault, tenant, one, { agent: 'C3', queue: 'sales', language: 'fr', fields: { order: 'A-1' } });
    await amend(run.vault, tenant, two, { ticket: 'T-9' });
    for (const settings of CHANGES) await change(run.vault, tenant, settings);
    const chosen = await settingsIn(run.vault, tenant);
    const unknown = await putEntries(run.vault, tenant);
    // Each change of settings touches the policy too: a second entry.
    expect(unknown).toHaveLength(11);
    expect(await verified(run.vault, tenant)).toEqual([]);
    const before = [await stateOf(run.vault, tenant, one), await stateOf(run.vault, tenant, two)];
    await of.restore();

    run = await of.start();
    const first = counted(settled(run.vault));
    expect(await stateOf(run.vault, tenant, one)).not.toEqual(before[0]);
    expect(await startUp(first.vault)).toEqual([]);
    expect([...first.read].sort()).toEqual([...unknown].sort());
    expect([await stateOf(run.vault, tenant, one), await stateOf(run.vault, tenant, two)]).toEqual(before);
    expect(await settingsIn(run.vault, tenant)).toEqual(chosen);
    // Whichever stream came first: background work follows the fields that the replay brought back.
    await indexUpdater(first.vault, () => undefined)(minuteSignal());
    const { stored, expected } = await indexState(run.vault, tenant);
    expect(stored).toEqual(expected);
    expect(stored.filter((line) => line.includes('field:order'))).toHaveLength(1);
    expect(await run.vault.db.read(({ indexes }) => indexes.behind(), minuteSignal())).toEqual([]);
    expect(await verified(run.vault, tenant)).toEqual([]);
    const events = await eventsOf(run.vault, tenant);
    expect(checkLog(logName(of.deployment.config.origin, tenant), events, leafHash)).toEqual([]);
    const leaves = events.map(({ leaf }) => JSON.parse(Buffer.from(leaf).toString()));
    const replayed = leaves.filter(({ action }) => action === 'amendment.replayed').map(({ object }) => object);
    const streams = await Promise.all([one, two, tenant].map((subject) => entriesOf(run.vault, tenant, subject)));
    const written = streams.flat();
    const lacked = written.filter(({ path }) => unknown.includes(path));
    expect(replayed.map(({ n, entry, event }) => ({ n, entry, event })).sort(byEntry)).toEqual(
      lacked.map(({ n, digest, event }) => ({ n, entry: digest, event })).sort(byEntry),
    );
    // The stream goes on where it was.
    await amend(run.vault, tenant, two, { ticket: 'T-10' });
    expect((await entriesOf(run.vault, tenant, two)).map(({ n }) => n)).toEqual([1, 2]);

    await of.stop();
    const second = counted((await of.start()).vault);
    expect(await startUp(second.vault)).toEqual([]);
    expect(second.read).toEqual([]);
    expect(second.listed).toHaveLength(1);
    expect(await replayDueEntries(second.vault, minuteSignal())).toBe(0);
  });
});

function byEntry(one: { readonly entry: string }, other: { readonly entry: string }): number {
  return one.entry < other.entry ? -1 : 1;
}
