// A database restored from a backup: changes that the store has and the rows lack are applied again.
import { afterEach, describe, expect, it } from 'vitest';
import { openColumn } from '../../../src/envelope/column.ts';
import { leafHash, logName } from '../../../src/model/audit-event.ts';
import { checkLog } from '../../../src/model/log/check.ts';
import { operatorActor } from '../../../src/vault/core/events/events.ts';
import { openRawFacts } from '../../../src/vault/core/facts/raw-facts.ts';
import { writeFacts } from '../../../src/vault/core/facts/write-facts.ts';
import type { Vault } from '../../../src/vault/core/vault.ts';
import { replayDueEntries } from '../../../src/vault/replay/replay-entries.ts';
import { needsCloud } from '../../support/cloud.ts';
import { entriesOf } from '../../support/entries.ts';
import { api, requestAndOpen } from '../../support/fault-client.ts';
import { minuteSignal } from '../../support/fault-deployment.ts';
import { needs } from '../../support/needs.ts';
import { putEntries, type Restorable, type Running, restorable, startUp, tenantRow } from '../../support/restorable.ts';
import { wavOf } from '../../support/vault.ts';

const ENGINES = [
  { engine: 'sqlite', present: true, reason: '' },
  { engine: 'postgresql', ...needs('postgresql') },
  { engine: 'cloud', ...needsCloud() },
] as const;

const NOTE = { start_ms: 0, category: 'note', visibility: 'team' };

/** Deposits a call, and returns its recording. */
async function put({ url }: Running, { people }: Restorable, callId: string): Promise<string> {
  const headers = {
    authorization: `Bearer ${people.depositor}`,
    'content-type': 'audio/wav',
    'vault-meta-agent': 'A1',
  };
  const reply = await fetch(`${url}/v1/ingest/pbx/${callId}`, {
    method: 'PUT',
    headers,
    body: new Uint8Array(wavOf(9000)),
  });
  return ((await reply.json()) as { recording: string }).recording;
}

/** Sets facts as a person does. */
async function amend(vault: Vault, tenant: string, id: string, patch: Record<string, string>): Promise<void> {
  const row = await tenantRow(vault, tenant);
  const metadataKey = await vault.metadataKeys.get(row, minuteSignal());
  await vault.db.change(async (tx) => {
    await tx.tenants.share(tenant);
    const recording = await tx.recordings.lock(tenant, id);
    if (recording === null) throw new Error('there is no such recording');
    const locked = { tenant: row, metadataKey, recording };
    const write = { patch, begun: recording.startedAt };
    const { made } = await writeFacts(tx, vault, locked, operatorActor('usr_ada'), write, {});
    return { result: null, events: made === null ? [] : [made] };
  }, minuteSignal());
}

/** Everything that entries say of a recording, as its rows have it. */
async function stateOf(vault: Vault, tenant: string, id: string) {
  const metadataKey = await vault.metadataKeys.get(await tenantRow(vault, tenant), minuteSignal());
  return vault.db.read(async (rows) => {
    const recording = await rows.recordings.find(tenant, id);
    if (recording === null || recording.facts === null) return null;
    const { facts, version: _, ...clear } = recording;
    const found = [];
    for (const one of await rows.comments.page(tenant, id, 'usr_none', null, 100)) {
      const { words, ...comment } = one;
      const sealed = { tenant, row: comment.id, column: 'words' };
      found.push({ ...comment, text: openColumn(metadataKey, sealed, words).toString() });
    }
    const entries = (await rows.amendments.page(tenant, id, 0, 1000)).map((row) => ({ ...row, stored: true }));
    return { ...clear, facts: openRawFacts(metadataKey, recording, facts), comments: found, entries };
  }, minuteSignal());
}

/** The same vault; what it reads from the store is counted. */
function counted(vault: Vault): { readonly vault: Vault; readonly read: string[]; readonly listed: string[] } {
  const [read, listed]: [string[], string[]] = [[], []];
  const store: Vault['store'] = {
    ...vault.store,
    get: (place, path, ...rest) => {
      if (path.includes('/a/')) read.push(path);
      return vault.store.get(place, path, ...rest);
    },
    list: (place, prefix, ...rest) => {
      if (prefix.includes('/a/')) listed.push(prefix);
      return vault.store.list(place, prefix, ...rest);
    },
  };
  return { vault: { ...vault, store }, read, listed };
}

/** As after three minutes: no write from before the start can come any more. */
function settled(vault: Vault): Vault {
  return { ...vault, replayGate: { ...vault.replayGate, started: vault.replayGate.started - 180_000 } };
}

const eventsOf = async (vault: Vault, tenant: string) =>
  vault.db.read((rows) => rows.log.events(tenant, 0, 10_000), minuteSignal());

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
    await amend(run.vault, tenant, one, { agent: 'C3', queue: 'sales', language: 'fr' });
    await amend(run.vault, tenant, two, { ticket: 'T-9' });
    const unknown = await putEntries(run.vault, tenant);
    expect(unknown).toHaveLength(7);
    const before = [await stateOf(run.vault, tenant, one), await stateOf(run.vault, tenant, two)];
    await of.restore();

    run = await of.start();
    const first = counted(settled(run.vault));
    expect(await stateOf(run.vault, tenant, one)).not.toEqual(before[0]);
    expect(await startUp(first.vault)).toEqual([]);
    expect([...first.read].sort()).toEqual([...unknown].sort());
    expect([await stateOf(run.vault, tenant, one), await stateOf(run.vault, tenant, two)]).toEqual(before);
    const events = await eventsOf(run.vault, tenant);
    expect(checkLog(logName(of.deployment.config.origin, tenant), events, leafHash)).toEqual([]);
    const leaves = events.map(({ leaf }) => JSON.parse(Buffer.from(leaf).toString()));
    const replayed = leaves.filter(({ action }) => action === 'amendment.replayed').map(({ object }) => object);
    const written = [...(await entriesOf(run.vault, tenant, one)), ...(await entriesOf(run.vault, tenant, two))];
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
