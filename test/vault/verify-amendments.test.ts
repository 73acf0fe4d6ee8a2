// Amendment entries against their rows: each edit of bucket or database is named, and what is whole is not.
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import { sealEntry, type Tail } from '../../src/envelope/amendments/entry.ts';
import { parseEntryPath } from '../../src/envelope/amendments/entry-name.ts';
import { SecretKey } from '../../src/envelope/secret-key.ts';
import type { JsonObject } from '../../src/model/amendments/amendment.ts';
import type { AmendmentRow } from '../../src/ports/rows/amendment-rows.ts';
import { event, operatorActor } from '../../src/vault/core/events/events.ts';
import { eraseRecording } from '../../src/vault/erasure/erase-recording.ts';
import type { Finding } from '../../src/vault/verify/finding.ts';
import { verifyTenantData } from '../../src/vault/verify/verify.ts';
import { AMENDED_ON, openAmended } from '../support/amended.ts';
import { sharedFixture } from '../support/fixtures.ts';

const by = operatorActor('op-9');

for (const { on, present, reason } of AMENDED_ON) {
  describe.skipIf(!present)(`verification of entries on ${on} ${reason}`.trim(), () => {
    const test = sharedFixture(
      () => openAmended(on),
      (one) => one.close(),
    );
    let [one, other]: [string, string] = ['', ''];
    let paths: string[];
    let others: string[];
    let rows: AmendmentRow[];

    async function verify(quarantine = false): Promise<Finding[]> {
      const found: Finding[] = [];
      const tell = {
        total: () => undefined,
        step: () => undefined,
        found: (finding: Finding) => void found.push(finding),
      };
      const sample = quarantine ? Number.POSITIVE_INFINITY : 0;
      await verifyTenantData(test.vault, by, await test.row(), { sample, quarantine }, tell, test.request);
      return found;
    }
    const faults = async () =>
      (await verify()).map(({ kind, recording, n, why }) => [
        kind,
        recording,
        n,
        ...(why === 'row' || why === 'erased' ? [why] : []),
      ]);
    const pathOf = (n: number): string => paths[n - 1] ?? '';
    const rowOf = (n: number): AmendmentRow => rows[n - 1] as AmendmentRow;
    const tailOf = (n: number): Tail => {
      const { at, mac } = JSON.parse(Buffer.from(rowOf(n).entry).toString()) as { at: string; mac: string };
      return { n, at, mac };
    };
    const seal = async (after: number, said: JsonObject, key?: SecretKey) => {
      const body = { v: 1, why: 'recording.amended', by: newId('usr'), ...said };
      const entry = { tenant: test.id, subject: one, event: newId('evt'), body };
      return sealEntry(key ?? (await test.metadataKey()), entry, after === 0 ? null : tailOf(after), rowOf(3).at);
    };
    const flipped = (bytes: Uint8Array): Buffer => {
      const text = Buffer.from(bytes).toString();
      const at = text.indexOf('"sealed":"') + 60;
      return Buffer.from(`${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`);
    };

    beforeAll(async () => {
      [one, other] = [(await test.deposit('one')).recording, (await test.deposit('other')).recording];
      for (const subject of [one, other, test.id]) {
        for (const agent of ['Wen', 'Li', 'Zhao']) {
          const set = { agent: `${agent} ${subject}` };
          await test.amend(subject, subject === test.id ? { op: 'settings', set } : { op: 'facts', set });
        }
      }
      paths = await test.store(one);
      others = await test.store(other);
      await test.store(test.id);
      rows = await test.rows(one);
    });
    /** Each test begins with whole streams. */
    beforeEach(async () => {
      const wanted = new Map([...paths, ...others].map((path, at) => [path, at]));
      const subjects = [one, other];
      for (const path of await test.entries()) {
        const name = parseEntryPath(path);
        if (name !== null && subjects.includes(name.subject) && !wanted.has(path)) await test.setBlob(path, null);
      }
      for (const [n, path] of paths.entries()) await test.setBlob(path, rowOf(n + 1).entry);
      await test.setRows(one, rows);
      for (const [n, path] of others.entries()) await test.setBlob(path, (await test.rows(other))[n]?.entry ?? null);
    });

    it('finds nothing where blobs and rows are whole, also while the last ones wait', async () => {
      expect(await faults()).toEqual([]);
      await test.setBlob(pathOf(3), null);
      await test.setRows(one, [rowOf(1), rowOf(2), { ...rowOf(3), stored: false }]);
      expect(await faults()).toEqual([]);
      await test.setBlob(pathOf(2), null);
      await test.setBlob(pathOf(1), null);
      await test.setRows(
        one,
        rows.map((row) => ({ ...row, stored: false })),
      );
      expect(await faults()).toEqual([]);
    });

    it.each<[string, string, number, () => Promise<void>]>([
      ['changed', 'amendment_damaged', 2, async () => test.setBlob(pathOf(2), flipped(rowOf(2).entry))],
      ['dropped in the middle', 'amendment_missing', 2, async () => test.setBlob(pathOf(2), null)],
      ['cut off at the end', 'amendment_missing', 3, async () => test.setBlob(pathOf(3), null)],
      [
        'put again under the next number',
        'amendment_damaged',
        4,
        async () => test.setBlob(pathOf(3).replace('-00000003', '-00000004'), rowOf(1).entry),
      ],
      [
        'put again under another hour',
        'amendment_forked',
        1,
        async () => test.setBlob(pathOf(1).replace(/\/a\/[0-9]{10}\//, '/a/2020010100/'), rowOf(1).entry),
      ],
      [
        'forged without the key',
        'amendment_damaged',
        4,
        async () => {
          const { path, bytes } = await seal(
            3,
            { op: 'facts', set: { agent: 'forged' } },
            new SecretKey(Buffer.alloc(32, 7)),
          );
          await test.setBlob(path, bytes);
        },
      ],
      [
        'another authentic one',
        'amendment_forked',
        3,
        async () => test.setBlob(pathOf(3), (await seal(2, { op: 'facts', set: { agent: 'branch' } })).bytes),
      ],
      [
        'authentic, and the rows lack it',
        'amendment_without_row',
        4,
        async () => {
          const { path, bytes } = await seal(3, { op: 'facts', set: { agent: 'later' } });
          await test.setBlob(path, bytes);
        },
      ],
      [
        'of a later version',
        'amendment_unknown',
        4,
        async () => {
          const { path, bytes, at } = await seal(3, { op: 'facts', set: { agent: 'x' }, later: 1 });
          await test.setBlob(path, bytes);
          await test.setRows(one, [...rows, { ...rowOf(3), n: 4, at, entry: bytes }]);
        },
      ],
    ])('names a blob that is %s', async (_what, kind, n, edit) => {
      await edit();
      expect(await faults()).toEqual([[kind, one, n]]);
    });

    it('names all blobs of a stream that were deleted, and those of two that changed places', async () => {
      for (const path of paths) await test.setBlob(path, null);
      expect(await faults()).toEqual([['amendment_missing', one, 1]]);
      const mine = rowOf(2).entry;
      const theirs = await test.blob(others[1] ?? '');
      for (const [n, path] of paths.entries()) await test.setBlob(path, n === 1 ? theirs : rowOf(n + 1).entry);
      await test.setBlob(others[1] ?? '', mine);
      const found = await faults();
      expect(found).toHaveLength(2);
      for (const recording of [one, other]) expect(found).toContainEqual(['amendment_damaged', recording, 2]);
      await test.setBlob(others[1] ?? '', theirs);
    });

    // The last column: what the log says of the same stream.
    it.each<[string, (string | number)[], () => AmendmentRow[], (string | number)[] | null]>([
      [
        'changed',
        ['amendment_forked', 2],
        () => rows.map((row) => (row.n === 2 ? { ...row, entry: flipped(row.entry) } : row)),
        ['amendment_differs', 2],
      ],
      ['dropped in the middle', ['amendment_without_row', 2], () => [rowOf(1), rowOf(3)], ['amendment_behind', 2]],
      ['cut off at the end', ['amendment_without_row', 3], () => [rowOf(1), rowOf(2)], ['amendment_behind', 3]],
      ['all gone', ['amendment_without_row', 1], () => [], ['amendment_behind', 1]],
      [
        'of another time',
        ['amendment_damaged', 3, 'row'],
        () => [rowOf(1), rowOf(2), { ...rowOf(3), at: '2020-01-01T00:00:00.000Z' }],
        null,
      ],
      ['of no time', ['amendment_without_row', 3], () => [rowOf(1), rowOf(2), { ...rowOf(3), at: 'now' }], null],
      [
        'two that changed places',
        ['amendment_forked', 1],
        () => [{ ...rowOf(1), entry: rowOf(2).entry }, { ...rowOf(2), entry: rowOf(1).entry }, rowOf(3)],
        ['amendment_differs', 1],
      ],
    ])('names a row that is %s', async (_what, [kind, n, ...why], edit, logged) => {
      await test.setRows(one, edit());
      const ofLog = logged === null ? [] : [[logged[0], one, logged[1]]];
      expect(await faults()).toEqual([[kind, one, n, ...why], ...ofLog]);
    });

    it('names a row without a blob that is not the one that was written', async () => {
      await test.setBlob(pathOf(3), null);
      await test.setRows(one, [rowOf(1), rowOf(2), { ...rowOf(3), stored: false, entry: flipped(rowOf(3).entry) }]);
      expect(await faults()).toEqual([
        ['amendment_damaged', one, 3, 'row'],
        ['amendment_differs', one, 3],
      ]);
      await test.setRows(one, [rowOf(1), rowOf(2), { ...rowOf(3), stored: false, n: 4 }]);
      expect(await faults()).toEqual([
        ['amendment_damaged', one, 3, 'row'],
        ['amendment_behind', one, 3],
      ]);
    });

    it('names what is left of an erased recording', async () => {
      const { recording } = await test.deposit('erased');
      await test.amend(recording, { op: 'facts', set: { agent: 'Ann' } });
      const [path = ''] = await test.store(recording);
      await eraseRecording(test.vault, by, { tenant: test.id, recording, reason: 'request' }, test.request);
      // Until the erasure has ended, its passes delete it.
      expect(await faults()).toEqual([]);
      await test.vault.db.change(async (tx) => {
        const row = await tx.recordings.lock(test.id, recording);
        if (row !== null) await tx.recordings.change(row, { state: 'ERASED' });
        return { result: null, events: [event(test.id, by, 'tenant.resumed', { id: test.id }, test.request)] };
      }, test.request);
      expect((await faults()).filter(([kind]) => String(kind).startsWith('amendment'))).toEqual([
        ['amendment_without_row', recording, 1, 'erased'],
      ]);
      await test.setBlob(path, null);
      expect((await faults()).filter(([kind]) => String(kind).startsWith('amendment'))).toEqual([]);
    });

    it('quarantines a recording whose rows are in doubt, and releases it once they are whole', async () => {
      const quarantine = async () =>
        (await test.vault.db.read(({ recordings }) => recordings.find(test.id, one), test.request))?.quarantine;
      await test.setBlob(pathOf(3), null);
      expect((await verify(true)).map(({ kind }) => kind)).toEqual(['amendment_missing']);
      expect(await quarantine()).toEqual([]);
      await test.setBlob(pathOf(3), rowOf(3).entry);
      await test.setRows(one, [rowOf(1), rowOf(2)]);
      await verify(true);
      expect(await quarantine()).toEqual(['integrity']);
      await verify(true);
      expect(await quarantine()).toEqual(['integrity']);
      // Behind a gap of the store, a new change would take a number that is there.
      await test.setRows(one, [rowOf(1)]);
      await test.setBlob(pathOf(2), null);
      expect(await verify(true)).toMatchObject([
        { kind: 'amendment_missing', n: 2, why: 'ahead' },
        { kind: 'amendment_behind', n: 2 },
      ]);
      expect(await quarantine()).toEqual(['integrity']);
      await test.setBlob(pathOf(2), rowOf(2).entry);
      await test.setRows(one, rows);
      expect(await verify(true)).toEqual([]);
      expect(await quarantine()).toEqual([]);
    });
  });
}
