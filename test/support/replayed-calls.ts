// Calls of a restorable deployment: deposited, changed, and looked at before and after a replay.

import { openColumn } from '../../src/envelope/column.ts';
import type { Patch } from '../../src/model/amendments/amendment.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { openRawFacts } from '../../src/vault/core/facts/raw-facts.ts';
import { writeFacts } from '../../src/vault/core/facts/write-facts.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { minuteSignal } from './fault-deployment.ts';
import { type Restorable, type Running, tenantRow } from './restorable.ts';
import { wavOf } from './vault.ts';

/** Deposits a call, and returns its recording. */
export async function put({ url }: Running, { people }: Restorable, callId: string): Promise<string> {
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
export async function amend(vault: Vault, tenant: string, id: string, patch: Patch): Promise<void> {
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
export async function stateOf(vault: Vault, tenant: string, id: string) {
  const metadataKey = await vault.metadataKeys.get(await tenantRow(vault, tenant), minuteSignal());
  return vault.db.read(async (rows) => {
    const recording = await rows.recordings.find(tenant, id);
    if (recording === null || recording.facts === null) return null;
    const { facts, version: _, ...clear } = recording;
    const found = [];
    for (const one of await rows.comments.page(tenant, id, 'usr_none', null, 1000)) {
      const { words, ...comment } = one;
      const sealed = { tenant, row: comment.id, column: 'words' };
      found.push({ ...comment, text: openColumn(metadataKey, sealed, words).toString() });
    }
    const entries = (await rows.amendments.page(tenant, id, 0, 1000)).map((row) => ({ ...row, stored: true }));
    return { ...clear, facts: openRawFacts(metadataKey, recording, facts), comments: found, entries };
  }, minuteSignal());
}

/** The same vault; what it reads from the store is counted. */
export function counted(vault: Vault): { readonly vault: Vault; readonly read: string[]; readonly listed: string[] } {
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
export function settled(vault: Vault): Vault {
  return { ...vault, replayGate: { ...vault.replayGate, started: vault.replayGate.started - 180_000 } };
}

/** The events of a tenant. */
export const eventsOf = async (vault: Vault, tenant: string) =>
  vault.db.read((rows) => rows.log.events(tenant, 0, 10_000), minuteSignal());
