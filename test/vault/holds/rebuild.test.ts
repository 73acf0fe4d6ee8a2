// Holds after the loss of the database: rebuilt from the bucket, they hold what they held.
import { describe, expect, it } from 'vitest';
import { entryStorer } from '../../../src/vault/amendments/store-entries.ts';
import { deposit } from '../../../src/vault/deposit/deposit.ts';
import { holdContinuer } from '../../../src/vault/holds/continue-holds.ts';
import { AMENDED_ON, openAmended } from '../../support/amended.ts';
import { freshFixture } from '../../support/fixtures.ts';
import { erased, heldState, lifted, officerOf, placed } from '../../support/held.ts';
import { bodyOf, wavOf } from '../../support/vault.ts';

for (const { on, present, reason } of AMENDED_ON) {
  describe.skipIf(!present)(`holds rebuilt on ${on} ${reason}`.trim(), () => {
    const test = freshFixture(
      () => openAmended(on),
      (one) => one.close(),
    );
    const call = async (callId: string, queue: string): Promise<string> => {
      const service = { tenant: test.id, principal: 'svc_00000000000000000000000000', kind: 'service' } as const;
      const by = { ...service, roles: ['uploader'], scopes: ['ingest'], auth: 'api-key', humans: [] } as const;
      const target = { metadata: { source: 'pbx', callId, leg: '0', queue } };
      const what = { target, name: 'audio', type: 'audio/wav', body: bodyOf(wavOf(500)) };
      return (await deposit(test.vault, by, what, test.request)).recording;
    };
    const store = () => entryStorer(test.vault, () => undefined)(test.request);

    /** A list that one left and one was added to, a rule that continues, and one that was lifted. */
    async function someHolds() {
      const officer = await officerOf(test.vault, test.id, test.request);
      const [one, two, three] = [await call('1', 'Cards'), await call('2', 'Cards'), await call('3', 'Loans')];
      const list = await placed(test.vault, officer, { recordings: [one, two] }, test.request);
      const rule = await placed(test.vault, officer, { query: { queue: 'cards' }, continuing: true }, test.request);
      const ended = await placed(test.vault, officer, { query: {} }, test.request);
      await lifted(test.vault, test.id, list, [two], test.request);
      await lifted(test.vault, test.id, ended, undefined, test.request);
      const later = await call('4', 'Cards');
      await holdContinuer(test.vault)(test.request);
      return { officer, list, rule, ended, one, two, three, later };
    }

    it('hold the same recordings, once background work has looked again', async () => {
      const { one, two, three, later } = await someHolds();
      // Deposited, matched, and without an entry when the database was lost.
      const uncovered = await call('5', 'Cards');
      await store();
      const before = await heldState(test.vault, test.id, test.request);
      const empty = await test.withoutRows();
      expect((await test.rebuild(empty)).problems).toEqual([]);
      for (const id of [one, uncovered])
        expect(await erased(empty, test.id, id, test.request)).toBe('hold_being_placed');
      empty.replayGate.open(test.id);
      await holdContinuer(empty)(test.request);
      const after = await heldState(empty, test.id, test.request);
      expect(after.holds).toEqual(before.holds);
      expect(after.counts).toEqual(before.counts);
      // Only the entry that was not written yet is new.
      const others = (lines: readonly string[]) => lines.filter((line) => !line.startsWith(uncovered));
      expect(after.recordings.map(others)).toEqual(before.recordings.map(others));
      expect(before.recordings.flat()).toContain(`${uncovered} 0 false`);
      expect(after.recordings.flat()).not.toContain(`${uncovered} 0 false`);
      expect(await erased(empty, test.id, three, test.request)).toBe('erased');
      for (const id of [one, two, later, uncovered])
        expect(await erased(empty, test.id, id, test.request)).toBe('held');
    }, 600_000);

    it('can be rebuilt twice, and lifted afterwards', async () => {
      const { rule, list, one } = await someHolds();
      await store();
      const empty = await test.withoutRows();
      for (const _time of [1, 2]) expect((await test.rebuild(empty)).problems).toEqual([]);
      empty.replayGate.open(test.id);
      await holdContinuer(empty)(test.request);
      await lifted(empty, test.id, list, undefined, test.request);
      expect(await erased(empty, test.id, one, test.request)).toBe('held');
      await lifted(empty, test.id, rule, undefined, test.request);
      expect(await erased(empty, test.id, one, test.request)).toBe('erased');
    }, 600_000);

    it('with a gap in one stream block all erasing of the tenant', async () => {
      const { list, three } = await someHolds();
      await store();
      const second = (await test.entries()).find((path) => path.includes(`${list}-00000002`)) ?? '';
      const bytes = await test.blob(second);
      await test.setBlob(second, null);
      const empty = await test.withoutRows();
      expect((await test.rebuild(empty)).problems.map(({ kind }) => kind)).toEqual(['amendment_missing']);
      empty.replayGate.open(test.id);
      await holdContinuer(empty)(test.request);
      // In no hold, and still not erased: what the missing entry covers is not known.
      expect(await erased(empty, test.id, three, test.request)).toBe('held');
      await test.setBlob(second, bytes);
      expect((await test.rebuild(empty)).problems).toEqual([]);
      await holdContinuer(empty)(test.request);
      await empty.db.note((notes) => notes.legalHolds.clearDamage(test.id), test.request);
      await holdContinuer(empty)(test.request);
      expect(await erased(empty, test.id, three, test.request)).toBe('erased');
    }, 600_000);
  });
}
