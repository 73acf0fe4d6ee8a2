// Many recordings at once, without uploads: rows with sealed facts, as deposits write them.
import { newId } from '../../src/bytes/ids.ts';
import { NO_LIFETIME, NOT_LISTED } from '../../src/model/recording.ts';
import { event, systemActor } from '../../src/vault/core/events/events.ts';
import { addToHolds } from '../../src/vault/core/facts/add-to-holds.ts';
import { indexesOf, queueIn } from '../../src/vault/core/facts/indexes.ts';
import { lifetimeColumns } from '../../src/vault/core/facts/lifetime-columns.ts';
import { clearColumnsOf, eventsIn, type RawFacts, sealRawFacts } from '../../src/vault/core/facts/raw-facts.ts';
import { activeTenantAndKey } from '../../src/vault/core/tenants/active-tenant.ts';
import { naturalIndex } from '../../src/vault/deposit/describe.ts';
import type { World } from './world.ts';

/** Rows of one transaction. */
const CHUNK = 1_000;

/**
 * Inserts an AVAILABLE recording for each of these facts, and returns their ids. They have no deposit and no blob: for
 * tests of what is decided by rows alone. `depositor`: their service. Withdrawals of before do not reach them.
 */
export async function insertMany(
  { vault }: Pick<World, 'vault'>,
  tenant: string,
  facts: readonly RawFacts[],
  depositor = 'svc_many',
): Promise<string[]> {
  const request = { signal: AbortSignal.timeout(3_600_000) };
  const ids: string[] = [];
  const { metadataKey } = await activeTenantAndKey(vault, tenant, request);
  for (let at = 0; at < facts.length; at += CHUNK) {
    await vault.db.change(async (tx) => {
      const row = await tx.tenants.share(tenant);
      if (row === null) throw new Error('there is no such tenant');
      const created = await tx.now();
      const events = [];
      for (const one of facts.slice(at, at + CHUNK)) {
        const id = newId('rec');
        const clear = clearColumnsOf(one, created);
        const owner = { tenant: row, metadataKey, changed: null };
        const lifetime = await lifetimeColumns(tx, owner, one, clear.startedAt);
        const indexes = indexesOf(metadataKey, vault.phones, one, row);
        const natural = naturalIndex(metadataKey, callOf(one));
        const call = { facts: one, begun: created };
        const holds = await addToHolds(tx, vault, { tenant: row, metadataKey }, id, call, null);
        const recording = {
          ...{ tenant, id, state: 'AVAILABLE' as const, version: 1, created, depositor, described: false },
          ...{ natural, durationMs: 60_000, channels: 1, queue: queueIn(indexes), quarantine: [] },
          ...{
            ...NO_LIFETIME,
            ...NOT_LISTED,
            delayS: 0,
            ...clear,
            ...lifetime,
            holds,
            facts: sealRawFacts(metadataKey, { tenant, id }, one),
          },
        };
        await tx.recordings.insert(recording);
        await tx.recordings.insertIndex(recording, indexes);
        if (one['events'] !== undefined) await tx.retention.setEvents(recording, eventsIn(one));
        events.push(event(tenant, systemActor(vault.settings), 'recording.created', { id }, {}));
        ids.push(id);
      }
      return { result: undefined, events };
    }, request);
  }
  return ids;
}

function callOf(facts: RawFacts) {
  return { source: String(facts['source']), callId: String(facts['call_id']), leg: String(facts['leg']) };
}
