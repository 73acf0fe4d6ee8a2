// The database is deleted: notices, withdrawals and restrictions come back from the entries.
import { describe, expect, it } from 'vitest';
import { newId } from '../../../src/bytes/ids.ts';
import { continueWithdrawals } from '../../../src/vault/consent/continue-withdrawals.ts';
import { indexValues, openNoticeText } from '../../../src/vault/core/consent/consent-rows.ts';
import { event, operatorActor } from '../../../src/vault/core/events/events.ts';
import { phoneIndex } from '../../../src/vault/core/facts/indexes.ts';
import { openRawFacts } from '../../../src/vault/core/facts/raw-facts.ts';
import { AMENDED_ON, openAmended } from '../../support/amended.ts';
import { sharedFixture } from '../../support/fixtures.ts';

const AT = '2026-11-20T08:00:00.000Z';
const NUMBER = '+441234567890';

for (const { on, present, reason } of AMENDED_ON) {
  describe.skipIf(!present)(`a rebuild of consent on ${on} ${reason}`.trim(), () => {
    const test = sharedFixture(
      () => openAmended(on),
      (one) => one.close(),
    );

    it('brings back what was said of the tenant and of recordings, and goes on with it', async () => {
      const key = await test.metadataKey();
      const { recording: one } = await test.deposit('one');
      const { recording: two } = await test.deposit('two');
      const withdrawn = { at: AT, purposes: [] };
      const request = newId('sub');
      const restricted = { at: AT, ground: 'claims', request };
      const asked = { at: AT, request };
      await test.amend(one, { op: 'facts', set: { basis: { withdrawn }, restricted, asked } });
      const early = { numbers: { from: NUMBER } };
      await test.amend(two, { op: 'facts', set: early });
      const [notice, wdr] = [newId('ntc'), newId('wdr')];
      const text = '本通话将被录音。';
      await test.amend(test.id, { op: 'notice', id: notice, version: 3, language: 'zh-CN', text });
      const index = phoneIndex(key, test.vault.phones, NUMBER, 'GB');
      const indexes = [{ label: index.label, value: Buffer.from(index.value).toString('base64') }];
      const later = new Date(test.vault.clock.now() + 60_000).toISOString();
      await test.amend(test.id, { op: 'withdrawal', id: wdr, indexes, at: later, purposes: ['quality'] });
      for (const subject of [one, two, test.id]) await test.store(subject);

      const vault = await test.withoutRows();
      expect((await test.rebuild(vault)).problems).toEqual([]);
      const read = () =>
        vault.db.read(
          async (rows) => ({
            notices: await rows.consent.notices(test.id),
            withdrawal: await rows.consent.withdrawal(test.id, wdr),
            indexes: await rows.consent.indexesOf(test.id, wdr),
            one: await rows.recordings.find(test.id, one),
            two: await rows.recordings.find(test.id, two),
          }),
          test.request,
        );
      const found = await read();
      expect(found.notices).toMatchObject([{ id: notice, version: 3, language: 'zh-CN' }]);
      expect(found.notices.map((row) => openNoticeText(key, row))).toEqual([text]);
      expect(found.withdrawal).toMatchObject({
        at: later,
        purposes: ['quality'],
        reached: '',
        due: expect.any(String),
      });
      expect(found.indexes).toEqual(indexValues(indexes));
      const factsOf = (row: typeof found.one) => (row?.facts == null ? null : openRawFacts(key, row, row.facts));
      expect(factsOf(found.one)).toMatchObject({ basis: { withdrawn }, restricted, asked });
      expect([found.one?.restricted, found.two?.restricted]).toEqual([AT, null]);
      // Again, and nothing is inserted twice.
      expect((await test.rebuild(vault)).done).toMatchObject({ recordings: 0, entries: 0, problems: 0 });

      // Rebuilt recordings wait for their release; then the withdrawal reaches what it had not reached.
      const open = { ...vault, replayGate: { ...vault.replayGate, isOpen: () => true, require: () => undefined } };
      expect(await continueWithdrawals(open, test.request)).toBe(0);
      expect((await read()).withdrawal?.due).not.toBeNull();
      await vault.db.change(async (tx) => {
        const events = [];
        for (const id of [one, two]) {
          const row = await tx.recordings.lock(test.id, id);
          if (row === null || !(await tx.recordings.change(row, { quarantine: [] }))) throw new Error('no such row');
          events.push(event(test.id, operatorActor('op-9'), 'recording.released', { id, reason: 'rebuilt' }, {}));
        }
        return { result: null, events };
      }, test.request);
      const waiting = { tenant: test.id, id: wdr, reached: '' };
      expect(
        await vault.db.note((notes) => notes.consent.moveOn(waiting, { reached: '', due: AT }), test.request),
      ).toBe(true);
      expect(await continueWithdrawals(open, test.request)).toBe(1);
      const reached = await read();
      expect(factsOf(reached.two)).toMatchObject({ basis: { withdrawn: { at: later, purposes: ['quality'] } } });
    });
  });
}
