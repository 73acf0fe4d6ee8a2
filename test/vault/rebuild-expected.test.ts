// A backup from before a call's audio, rebuilt from the store: the envelope's facts count, and those of the backup do not.
import { describe, expect, it } from 'vitest';
import type { Patch } from '../../src/model/amendments/amendment.ts';
import { UNKNOWN_PRINCIPAL } from '../../src/model/recording.ts';
import { event, operatorActor } from '../../src/vault/core/events/events.ts';
import { openRawFacts } from '../../src/vault/core/facts/raw-facts.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { amendCall } from '../../src/vault/deposit/amend-call.ts';
import { AMENDED_ON, openAmended } from '../support/amended.ts';
import { sharedFixture } from '../support/fixtures.ts';

for (const { on, present, reason } of AMENDED_ON) {
  describe.skipIf(!present)(`a rebuild over rows without deposits, on ${on} ${reason}`.trim(), () => {
    const test = sharedFixture(
      () => openAmended(on),
      (one) => one.close(),
    );
    const patch = (call: string, what: Patch) => {
      const service = { tenant: test.id, principal: 'svc_00000000000000000000000000', kind: 'service' } as const;
      const by = { ...service, roles: ['uploader'], scopes: ['ingest'], auth: 'api-key', humans: [] } as const;
      return amendCall(test.vault, by, { source: 'pbx', callId: call, leg: '0' }, { patch: what }, test.request);
    };
    const rowOf = async (vault: Vault, id: string) => {
      const row = await vault.db.read((rows) => rows.recordings.find(test.id, id), test.request);
      if (row === null || row.facts === null) throw new Error('the recording has no facts');
      return { ...row, facts: openRawFacts(await test.metadataKey(), row, row.facts), sealed: row.facts };
    };

    it('has what was set between the backup and the audio, and what was set after', async () => {
      const { recording } = await patch('backed-up', { agent: 'Ann' });
      const { sealed, facts: _facts, ...backup } = await rowOf(test.vault, recording);
      await patch('backed-up', { agent: 'Li', retain_until: '2031-01-01T00:00:00.000Z' });
      await test.deposit('backed-up');
      await patch('backed-up', { wrap_up: 'refund' });
      await test.store(recording);

      // The backup's rows: the tenant, and the call as it was then.
      const [restored, tenant] = [await test.withoutRows(), await test.row()];
      await restored.db.change(async (tx) => {
        await tx.tenants.insert(tenant);
        await tx.recordings.insert({ ...backup, facts: sealed });
        const made = event(test.id, operatorActor('op-9'), 'tenant.resumed', { id: test.id }, {});
        return { result: null, events: [made] };
      }, test.request);
      const { problems } = await test.rebuild(restored);
      expect(problems).toEqual([]);
      const [before, after] = [await rowOf(test.vault, recording), await rowOf(restored, recording)];
      expect(after.facts).toEqual(before.facts);
      expect(after).toMatchObject({
        state: 'AVAILABLE',
        depositor: UNKNOWN_PRINCIPAL,
        retainUntil: '2031-01-01T00:00:00.000Z',
        quarantine: ['rebuilt'],
      });
    });
  });
}
