// Retiring ingest keys: never the current one, and no earlier than 90 days after the last file that may need it.
import { describe, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import { ingestKeyPath } from '../../src/envelope/ingest-key-blob.ts';
import { readLeaf } from '../../src/model/log/leaf.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { createFirstIngestKey, createIngestKey } from '../../src/vault/keys/ingest/create.ts';
import { retireIngestKey } from '../../src/vault/keys/ingest/retire.ts';
import { tenantWithKey } from '../../src/vault/keys/rotation.ts';
import { makeWorld } from '../support/world.ts';

const by = operatorActor('op-1');
const DAY = 24 * 3_600_000;
const request = () => ({ signal: AbortSignal.timeout(60_000) });

describe('retiring an ingest key', () => {
  it('keeps the current key, and others for 90 days, then deletes row and blob', async () => {
    const world = await makeWorld();
    try {
      const { vault } = world;
      const { tenant } = world.harbour;
      const create = async () =>
        createIngestKey(vault, by, await tenantWithKey(vault, tenant, request()), 'rotated', request());
      const retire = (id: string) => retireIngestKey(vault, by, { tenant, id }, request());
      const later = (days: number) => world.forward(days * DAY);
      const conflict = { code: 'conflict' };

      const first = await create();
      await createFirstIngestKey(vault, by, tenant, request());
      later(200);
      await expect(retire(first.id)).rejects.toMatchObject(conflict);
      const second = await create();
      later(89);
      await expect(retire(first.id)).rejects.toThrow(/from 20\d\d-.* on$/);
      // A file came late.
      const at = new Date(vault.clock.now()).toISOString();
      await vault.db.note((notes) => notes.ingestKeys.fileArrived(tenant, first.id, at), request());
      later(89);
      await expect(retire(first.id)).rejects.toMatchObject(conflict);
      await expect(retire(second.id)).rejects.toMatchObject(conflict);
      for (const unknown of [newId('ink'), 'ink_1'])
        await expect(retire(unknown)).rejects.toMatchObject({ code: 'not_found' });
      later(2);
      const row = await tenantWithKey(vault, tenant, request());
      (await vault.ingestKeys.get(row, first.id, request())).use((seed) => expect(seed).toHaveLength(32));
      await retire(first.id);
      const left = await vault.db.read(({ ingestKeys }) => ingestKeys.all(tenant), request());
      expect(left.map(({ id }) => id)).toEqual([second.id]);
      const place = { region: '', bucket: '', prefix: '' };
      expect(await vault.store.head(place, ingestKeyPath(tenant, first.id), request())).toBeNull();
      await expect(vault.ingestKeys.get(row, first.id, request())).rejects.toMatchObject({
        code: 'ingest_key_unknown',
      });
      const events = await vault.db.read(({ log }) => log.events(tenant, 0, 1000), request());
      const leaves = events.flatMap(({ leaf }) => readLeaf(leaf) ?? []);
      expect(leaves.find(({ action }) => action === 'ingest_key.retired')?.object).toEqual({
        type: 'ingest_key',
        id: first.id,
        last_file: at,
      });
    } finally {
      await world.end();
    }
  });
});
