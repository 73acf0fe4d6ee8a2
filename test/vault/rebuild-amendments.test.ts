// The database is deleted: later facts, comments, fields and interactions are rebuilt from the entries, equal to what stood
// before; a gap quarantines, and nothing of an erased recording comes back.
import { beforeAll, describe, expect, it } from 'vitest';
import { idTime, newId } from '../../src/bytes/ids.ts';
import { openColumn } from '../../src/envelope/column.ts';
import { encodeTombstone, tombstonePath } from '../../src/envelope/tenant-blob.ts';
import type { JsonObject, Patch } from '../../src/model/amendments/amendment.ts';
import type { Actor } from '../../src/model/audit-event.ts';
import type { Comment } from '../../src/model/comment.ts';
import { PASSES } from '../../src/model/erasure.ts';
import { defaultPolicy } from '../../src/model/policy.ts';
import { commentEntry, removalEntry } from '../../src/vault/comments/entry.ts';
import { sealCommentText } from '../../src/vault/comments/view.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { textIndex } from '../../src/vault/core/facts/indexes.ts';
import { openRawFacts } from '../../src/vault/core/facts/raw-facts.ts';
import { writeFacts } from '../../src/vault/core/facts/write-facts.ts';
import { policyOf } from '../../src/vault/core/policy/policy-in-force.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { eraseRecording } from '../../src/vault/erasure/erase-recording.ts';
import { indexUpdater } from '../../src/vault/indexing/update-indexes.ts';
import { verifyTenantData } from '../../src/vault/verify/verify.ts';
import { AMENDED_ON, openAmended } from '../support/amended.ts';
import { sharedFixture } from '../support/fixtures.ts';
import { indexState } from '../support/indexed.ts';
import { sealStream } from '../support/stored-entries.ts';
import { erasedOf, LEAF, listOf } from '../support/tombstone-lists.ts';

const by = operatorActor('op-9');
const AT = '2026-11-28T10:00:00.000Z';
const PERSON: Actor = { type: 'person', id: newId('usr'), auth: 'api-key' };
const CDR: Actor = { type: 'service', id: newId('svc'), auth: 'api-key' };

for (const { on, present, reason } of AMENDED_ON) {
  describe.skipIf(!present)(`a rebuild of entries on ${on} ${reason}`.trim(), () => {
    const test = sharedFixture(
      () => openAmended(on),
      (one) => one.close(),
    );
    let [one, two, gone]: [string, string, string] = ['', '', ''];
    let paths: string[];
    let policyId: string;

    async function amend(recording: string, actor: Actor, patch: Patch): Promise<void> {
      const metadataKey = await test.metadataKey();
      await test.vault.db.change(async (tx) => {
        const tenant = await tx.tenants.share(test.id);
        const row = await tx.recordings.lock(test.id, recording);
        if (tenant === null || row === null) throw new Error('no such recording');
        const of = { tenant, metadataKey, recording: row };
        const { made } = await writeFacts(tx, test.vault, of, actor, { patch, begun: row.startedAt }, test.request);
        if (made === null) throw new Error('nothing of the patch counts');
        return { result: null, events: [made] };
      }, test.request);
    }

    /** Writes, changes or (without a text) removes a comment, as its author does. */
    async function comment(recording: string, text: string | null, of?: Comment): Promise<Comment> {
      const id = of?.id ?? newId('cmt');
      const words = sealCommentText(await test.metadataKey(), { tenant: test.id, id }, text ?? '');
      const made = { tenant: test.id, id, version: 1, recording, author: PERSON.id, startMs: 40, endMs: 90 };
      const first: Comment = { ...made, category: 'improve', visibility: 'private', words, created: AT, edited: null };
      const row: Comment =
        of === undefined
          ? first
          : { ...of, words, version: of.version + 1, visibility: 'team', endMs: null, edited: AT };
      const said = text === null ? removalEntry(of ?? row) : commentEntry(row, text);
      await test.amend(recording, said, async (tx) => {
        if (of !== undefined) await tx.comments.delete(of);
        if (text !== null) await tx.comments.insert(row);
      });
      return row;
    }

    /** All that a vault has of a recording and its stream, opened; without versions and quarantine. */
    async function known(vault: Vault, recording: string) {
      const key = await test.metadataKey();
      const read = await vault.db.read(async (rows) => {
        const page = (person: string) => rows.comments.page(test.id, recording, person, null, 1_000);
        return {
          row: await rows.recordings.find(test.id, recording),
          comments: await page(PERSON.id),
          entries: await rows.amendments.page(test.id, recording, 0, 1_000),
        };
      }, test.request);
      if (read.row?.facts == null) throw new Error('no such recording');
      const { facts, version: _version, depositor: _depositor, quarantine, ...row } = read.row;
      const comments = read.comments.map(({ words, ...rest }) => {
        const column = { tenant: test.id, row: rest.id, column: 'words' };
        return { ...rest, text: openColumn(key, column, words).toString() };
      });
      const of = { tenant: test.id, id: recording };
      return {
        ...row,
        facts: openRawFacts(key, of, facts ?? Buffer.alloc(0)),
        comments,
        entries: read.entries,
        quarantine,
      };
    }

    const rebuild = (vault: Vault) => test.rebuild(vault);

    beforeAll(async () => {
      [one, two, gone] = [
        (await test.deposit('one')).recording,
        (await test.deposit('two')).recording,
        (await test.deposit('gone')).recording,
      ];
      for (const recording of [one, two]) {
        await amend(recording, CDR, {
          agent: 'Wen',
          numbers: { from: '+442079460123' },
          interaction: 'C-2026-1',
          fields: { contract: 'K-17', zone: 'east' },
          wrap_up: 'refund',
        });
        const [kept, dropped] = [await comment(recording, 'too fast'), await comment(recording, 'wrong call')];
        await amend(recording, PERSON, { agent: '李娜', fields: { zone: null }, language: 'zh-CN' });
        await comment(recording, 'greets well, 太快', kept);
        await comment(recording, null, dropped);
      }
      await test.amend(gone, { op: 'facts', set: { agent: 'Ann' } });
      const set = { default_basis: 'contract', searchable: ['contract'], time_zone: 'Asia/Shanghai' } as const;
      await test.amend(test.id, { op: 'settings', set });
      // A policy whole, with the rows of no database: then one member of it, as versions before wrote it.
      const policy = { ...defaultPolicy(12), uses: 2 };
      policyId = newId('pol');
      await test.amend(test.id, { op: 'policy', id: policyId, body: policy as unknown as JsonObject });
      await test.amend(test.id, { op: 'settings', set: { approver_age_hours: 36 } });
      paths = await test.store(one);
      await test.store(two);
      await test.store(test.id);
    });

    it('has the policy in force, after the versions before it', async () => {
      const vault = await test.withoutRows();
      await rebuild(vault);
      const rows = await vault.db.read((read) => read.tenants.policies(test.id, null, 10), test.request);
      const [newest, whole, first] = rows;
      expect(rows).toHaveLength(3);
      expect(whole?.id).toBe(policyId);
      // Made from nothing, as old as the tenant.
      expect(idTime(first?.id ?? '')).toBe(Date.parse((await test.row()).created));
      const { policy } = policyOf(await test.metadataKey(), newest ?? null);
      expect(policy).toEqual({ ...defaultPolicy(36), uses: 2 });
    });

    it('has facts, comments, columns, indexes and entries equal to what stood before', async () => {
      const vault = await test.withoutRows();
      const { done, problems } = await rebuild(vault);
      expect(problems).toEqual([]);
      expect(done).toMatchObject({ recordings: 3, deposits: 3, entries: 15 });
      for (const recording of [one, two]) {
        const [before, after] = [await known(test.vault, recording), await known(vault, recording)];
        expect(before.facts).toMatchObject({ agent: '李娜', interaction: 'C-2026-1', fields: { contract: 'K-17' } });
        expect(before.comments).toMatchObject([{ text: 'greets well, 太快', version: 2, visibility: 'team' }]);
        expect(before.entries).toHaveLength(6);
        // How long the audio took to come is in the database alone.
        expect(after).toEqual({ ...before, quarantine: ['rebuilt'], delayS: null });
      }
      const key = await test.metadataKey();
      for (const [label, text] of [
        ['agent', '李娜'],
        ['interaction', 'C-2026-1'],
      ] as const) {
        const filter = { indexes: [textIndex(key, label, text)] };
        const found = await vault.db.read(({ recordings }) => recordings.page(test.id, filter, null, 10), test.request);
        expect(found.map(({ id }) => id).sort()).toEqual([one, two].sort());
      }
      const row = await vault.db.read(({ tenants }) => tenants.find(test.id), test.request);
      expect(row).toMatchObject({ defaultBasis: 'contract', searchable: ['contract'], timeZone: 'Asia/Shanghai' });
      // By the settings that were brought back first: background work finds nothing to change.
      const { stored, expected } = await indexState(vault, test.id);
      expect(stored).toEqual(expected);
      expect(stored.filter((line) => line.includes('field:contract'))).toHaveLength(2);
      const open = { ...vault, replayGate: { ...vault.replayGate, isOpen: () => true } };
      expect(await indexUpdater(open, () => undefined)(test.request)).toBe(0);
      expect(await vault.db.read(({ indexes }) => indexes.behind(), test.request)).toEqual([]);
      expect((await rebuild(vault)).done).toMatchObject({ recordings: 0, entries: 0, problems: 0 });
    });

    it('stops at a gap, which quarantines, and brings back the rest once it is filled', async () => {
      const vault = await test.withoutRows();
      const missing = paths[3] ?? '';
      const bytes = await test.blob(missing);
      await test.setBlob(missing, null);
      const { problems } = await rebuild(vault);
      expect(problems).toEqual([{ kind: 'amendment_missing', path: expect.stringContaining(`${one}-00000004`) }]);
      const gap = await known(vault, one);
      expect(gap.quarantine).toEqual(['integrity', 'rebuilt']);
      expect(gap.facts).toMatchObject({ agent: 'Wen', fields: { contract: 'K-17', zone: 'east' } });
      expect(gap.comments.map(({ text }) => text).sort()).toEqual(['too fast', 'wrong call']);
      expect(gap.entries).toHaveLength(3);
      expect((await known(vault, two)).quarantine).toEqual(['rebuilt']);
      // Found again, and nothing changes.
      expect((await rebuild(vault)).done).toMatchObject({ entries: 0, problems: 1 });
      expect(await known(vault, one)).toEqual(gap);
      await test.setBlob(missing, bytes);
      expect((await rebuild(vault)).done).toMatchObject({ entries: 3, problems: 0 });
      const { quarantine: _before, ...before } = await known(test.vault, one);
      const { quarantine, ...after } = await known(vault, one);
      expect(after).toEqual({ ...before, delayS: null });
      // `verify` releases it once all of it opens and is whole.
      expect(quarantine).toEqual(['integrity', 'rebuilt']);
      const row = await vault.db.read(({ tenants }) => tenants.find(test.id), test.request);
      if (row === null) throw new Error('no tenant');
      const options = { sample: Number.POSITIVE_INFINITY, quarantine: true };
      const listener = { total: () => undefined, step: () => undefined, found: () => undefined };
      expect(await verifyTenantData(vault, by, row, options, listener, test.request)).toMatchObject({ released: 1 });
      expect((await known(vault, one)).quarantine).toEqual(['rebuilt']);
    });

    it('brings nothing of an erased recording back, and has its entries deleted', async () => {
      await eraseRecording(test.vault, by, { tenant: test.id, recording: gone, reason: 'request' }, test.request);
      const [entry] = sealStream(await test.metadataKey(), test.id, gone, [{ op: 'facts', set: { agent: 'Ann' } }]);
      await test.setBlob(entry?.path ?? '', entry?.bytes ?? null);
      const v1 = { tenant: test.id, recording: gone, event: newId('evt'), leaf: LEAF };
      await test.setBlob(tombstonePath(test.id, gone, AT), encodeTombstone(v1, await test.metadataKey()));

      // A tombstone of one recording has no natural key: there is no row, and the entry is named.
      const unknown = await rebuild(await test.withoutRows());
      expect(unknown.problems).toEqual([{ kind: 'amendment_without_row', path: entry?.path }]);

      const list = await listOf(test.vault, test.id, [await erasedOf(test.vault, test.id, gone)]);
      await test.setBlob(list.path, list.bytes);
      const vault = await test.withoutRows();
      const { problems } = await rebuild(vault);
      expect(problems).toEqual([]);
      const after = await vault.db.read(
        async (rows) => ({
          recording: await rows.recordings.find(test.id, gone),
          entries: await rows.amendments.times(test.id, gone),
          erasure: await rows.erasures.find(test.id, gone),
        }),
        test.request,
      );
      expect(after.recording).toMatchObject({ state: 'ERASING', facts: null });
      expect(after.entries).toEqual([]);
      expect(after.erasure).toMatchObject({ pass: PASSES.first, hours: '2026120110', due: expect.any(String) });
    });
  });
}
