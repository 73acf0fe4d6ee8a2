// Rows of ingest keys of a restored database, after everything of its log came back: verification finds nothing.
import { describe, expect, it, vi } from 'vitest';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { retireIngestKey } from '../../src/vault/keys/ingest/retire.ts';
import { tenantWithKey } from '../../src/vault/keys/rotation.ts';
import { restoreVault } from '../../src/vault/restored/restore-vault.ts';
import { findingsByLog, ingestKeyStates, raiseAndRewrap, rotateIngestKey } from '../support/ingest-keys.ts';
import { needs } from '../support/needs.ts';
import { eventsIn, sealAll, sealedDeployment, verified } from '../support/sealed-deployment.ts';

const by = operatorActor('op-9');
const python = needs('python-cryptography');
const DAY_MS = 24 * 3_600_000;
const nothing = (): void => undefined;
const request = () => ({ signal: AbortSignal.timeout(120_000) });

describe('the rows of ingest keys of a restored database', () => {
  it('are what its log says: what was created, re-wrapped and retired since is so again', async () => {
    // Two hundred days ago: what is retired below was replaced long before.
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 200 * DAY_MS, shouldAdvanceTime: true });
    const of = await sealedDeployment('sqlite');
    try {
      const { tenant } = of.people;
      const { vault } = await of.start();
      const [first, second] = [await rotateIngestKey(vault, tenant), await rotateIngestKey(vault, tenant)];
      const from = (await tenantWithKey(vault, tenant, request())).key?.id ?? '';
      await sealAll(vault);
      await of.backUp();

      const live = (await of.start()).vault;
      await raiseAndRewrap(live, tenant);
      const third = await rotateIngestKey(live, tenant);
      vi.useRealTimers();
      for (const { id } of [first, second]) await retireIngestKey(live, by, { tenant, id }, request());
      await rotateIngestKey(live, tenant);
      await sealAll(live);
      const states = await ingestKeyStates(live, tenant);
      expect(states).toMatchObject([
        [third.id, 'OLD'],
        [expect.any(String), 'CURRENT'],
      ]);
      await of.restore();

      const back = (await of.start()).vault;
      expect(await ingestKeyStates(back, tenant)).toEqual([
        [first.id, 'OLD'],
        [second.id, 'CURRENT'],
      ]);
      const counts: unknown[] = [];
      const options = {
        ...{ alone: true, isCopy: false, keys: [from], save: () => async () => undefined, problem: nothing },
        confirmed: async () => false,
        restored: (log: string, done: { revoked: { counts: { ingest_keys: number } } | null }) =>
          void (log === tenant && counts.push(done.revoked?.counts.ingest_keys)),
      };
      const done = await restoreVault(back, by, options, request());
      expect(done.tenants).toMatchObject([{ tenant, ingestKeys: 2 }]);
      expect(counts).toEqual([2]);
      expect(await ingestKeyStates(back, tenant)).toEqual(states);
      expect(await findingsByLog(back, tenant)).toEqual([]);
      const events = (await eventsIn(back, tenant)).filter(({ action }) => action.startsWith('ingest_key.'));
      expect(events.slice(-4).map(({ action, object }) => [action, object.id, object['replaces']])).toEqual([
        ['ingest_key.retired', first.id, undefined],
        ['ingest_key.retired', second.id, undefined],
        ['ingest_key.created', third.id, undefined],
        ['ingest_key.created', states[1]?.[0], third.id],
      ]);
      await raiseAndRewrap(back, tenant);
      await rotateIngestKey(back, tenant);
      expect(await findingsByLog(back, tenant)).toEqual([]);
      await sealAll(back);
      if (python.present) expect((await verified(back, tenant)).findings).toEqual([]);
    } finally {
      vi.useRealTimers();
      await of.end();
    }
  }, 120_000);

  it('may lack what the log has and the store does not', async () => {
    const of = await sealedDeployment('sqlite');
    try {
      const { tenant } = of.people;
      const { vault } = await of.start();
      const first = await rotateIngestKey(vault, tenant);
      await sealAll(vault);
      await of.backUp();
      const live = (await of.start()).vault;
      const lost = await rotateIngestKey(live, tenant);
      await sealAll(live);
      await of.restore();
      const back = (await of.start()).vault;
      const options = {
        ...{ alone: true, isCopy: false, keys: ['another'], save: () => async () => undefined, problem: nothing },
        ...{ confirmed: async () => false, restored: nothing },
      };
      await restoreVault(back, by, options, request());
      expect(await ingestKeyStates(back, tenant)).toEqual([[first.id, 'CURRENT']]);
      expect(await findingsByLog(back, tenant)).toEqual([]);
      // It is not replaced by its name: the next key replaces the one that has a row.
      const next = await rotateIngestKey(back, tenant);
      expect(next.id).not.toBe(lost.id);
      expect(await findingsByLog(back, tenant)).toEqual([]);
    } finally {
      await of.end();
    }
  }, 120_000);
});
