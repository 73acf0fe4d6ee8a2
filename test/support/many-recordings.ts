// Many recordings at once, without uploads: rows with sealed facts, as deposits write them.
import { newId } from '../../src/bytes/ids.ts';
import { NO_LIFETIME } from '../../src/model/recording.ts';
import { event, systemActor } from '../../src/vault/core/events/events.ts';
import { lifetimeColumns } from '../../src/vault/core/facts/lifetime-columns.ts';
import { clearColumnsOf, eventsIn, type RawFacts, sealRawFacts } from '../../src/vault/core/facts/raw-facts.ts';
import { activeTenantAndKey } from '../../src/vault/core/tenants/active-tenant.ts';
import type { World } from './world.ts';

/** Rows of one transaction. */
const CHUNK = 1_000;

/**
 * Inserts an AVAILABLE recording for each of these facts, and returns their ids. They have no deposit and no blob: for
 * tests of what is decided by rows alone.
 */
export async function insertMany(
  { vault }: Pick<World, 'vault'>,
  tenant: string,
  facts: readonly RawFacts[],
): Promise<string[]> {
  const request = { signal: AbortSignal.timeout(600_000) };
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
        const recording = {
          ...{ tenant, id, state: 'AVAILABLE' as const, version: 1, created, depositor: 'svc_many', described: false },
          ...{ natural: Buffer.from(id), durationMs: 60_000, channels: 1, queue: null, quarantine: [] },
          ...{ ...NO_LIFETIME, ...clear, ...lifetime, facts: sealRawFacts(metadataKey, { tenant, id }, one) },
        };
        await tx.recordings.insert(recording);
        if (one['events'] !== undefined) await tx.retention.setEvents(recording, eventsIn(one));
        events.push(event(tenant, systemActor(vault.settings), 'recording.created', { id }, {}));
        ids.push(id);
      }
      return { result: undefined, events };
    }, request);
  }
  return ids;
}
