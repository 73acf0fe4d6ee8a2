// What was cut or put back in bucket and database at once: verification names it by the log, and what the log does not name
// by what the entries say.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import { sealEntry } from '../../src/envelope/amendments/entry.ts';
import type { Comment } from '../../src/model/comment.ts';
import { commentFiler } from '../../src/vault/amendments/file-comments.ts';
import { commentEntry, removalEntry } from '../../src/vault/comments/entry.ts';
import { sealCommentText } from '../../src/vault/comments/view.ts';
import { event, operatorActor } from '../../src/vault/core/events/events.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { eraseRecording } from '../../src/vault/erasure/erase-recording.ts';
import type { Finding } from '../../src/vault/verify/finding.ts';
import { verifyTenantData } from '../../src/vault/verify/verify.ts';
import { AMENDED_ON, openAmended } from '../support/amended.ts';
import { sharedFixture } from '../support/fixtures.ts';
import { type Moment, momentOf, rollBackBlobs, rollBackRows } from '../support/rolled-back.ts';
import type { Row, RowsBySql } from '../support/rows-by-sql.ts';

const by = operatorActor('op-9');
const AT = '2026-11-28T10:00:00.000Z';

for (const { on, present, reason } of AMENDED_ON) {
  describe.skipIf(!present)(`verification of changes by the log on ${on} ${reason}`.trim(), () => {
    const test = sharedFixture(
      () => openAmended(on),
      (one) => one.close(),
    );
    let sql: RowsBySql;
    let [one, other]: [string, string] = ['', ''];
    /** Before any change, and after each. */
    const moments: Moment[] = [];
    let whole: Moment;

    async function verify(vault: Vault = test.vault, quarantine = false): Promise<Finding[]> {
      const found: Finding[] = [];
      const tell = { total: () => undefined, step: () => undefined, found: (one: Finding) => void found.push(one) };
      const row = await vault.db.read(({ tenants }) => tenants.find(test.id), test.request);
      if (row === null) throw new Error('no such tenant');
      const sample = quarantine ? Number.POSITIVE_INFINITY : 0;
      await verifyTenantData(vault, by, row, { sample, quarantine }, tell, test.request);
      return found;
    }
    const faults = async (): Promise<(string | number | undefined)[][]> =>
      (await verify()).map(({ kind, subject, n, index, why }) =>
        index === undefined ? [kind, subject, n, ...(why === undefined ? [] : [why])] : [kind, why],
      );

    async function comment(text: string | null, of?: Comment): Promise<Comment> {
      const id = of?.id ?? newId('cmt');
      const words = sealCommentText(await test.metadataKey(), { tenant: test.id, id }, text ?? '');
      const made = { tenant: test.id, id, version: 1, recording: other, author: newId('usr'), startMs: 40, endMs: 90 };
      const first: Comment = { ...made, category: 'improve', visibility: 'private', words, created: AT, edited: null };
      const row: Comment = of === undefined ? first : { ...of, words, version: of.version + 1, edited: AT };
      const said = text === null ? removalEntry(of ?? row) : commentEntry(row, text);
      await test.amend(other, said, async (tx) => {
        if (of !== undefined) await tx.comments.delete(of);
        if (text !== null) await tx.comments.insert(row);
      });
      return row;
    }
    const momentNow = async (): Promise<Moment> => {
      for (const subject of [one, other, test.id]) await test.store(subject);
      return momentOf(test, sql);
    };
    const at = (n: number): Moment => moments[n] ?? whole;
    const cutTo = async (moment: Moment): Promise<void> => {
      await rollBackRows(sql, moment);
      await rollBackBlobs(test, moment);
    };

    beforeAll(async () => {
      sql = await test.sql();
      [one, other] = [(await test.deposit('one')).recording, (await test.deposit('other')).recording];
      moments.push(await momentNow());
      for (const agent of ['Wen', 'Li', 'Zhao']) {
        await test.amend(one, { op: 'facts', set: { agent } });
        moments.push(await momentNow());
      }
      const [kept, removed] = [await comment('too fast'), await comment('wrong call')];
      moments.push(await momentNow());
      await comment('much too fast', kept);
      moments.push(await momentNow());
      await comment(null, removed);
      moments.push(await momentNow());
      for (const zone of ['Europe/London', 'Asia/Shanghai'] as const) {
        await test.amend(test.id, { op: 'settings', set: { time_zone: zone, searchable: ['order'] } });
        moments.push(await momentNow());
      }
      whole = at(8);
    });
    afterEach(() => cutTo(whole));
    afterAll(() => sql?.close());

    it('finds nothing where all is whole', async () => {
      expect(await faults()).toEqual([]);
    });

    it.each<[string, 'one' | 'other' | 'tenant', number, number]>([
      ['the last two facts', 'one', 1, 2],
      ['all facts', 'one', 0, 1],
      ['the removal of a comment', 'other', 5, 4],
      ['the edit of a comment', 'other', 4, 3],
      ['all comments', 'other', 3, 1],
      ['the last settings', 'tenant', 7, 2],
      ['all settings', 'tenant', 6, 1],
    ])('names %s, cut in store and database', async (_what, who, to, n) => {
      const subject = { one, other, tenant: test.id }[who];
      await rollBackRows(sql, at(to), undefined, subject);
      await rollBackBlobs(test, at(to), subject);
      expect(await faults()).toEqual([['amendment_behind', subject, n]]);
    });

    it('names every stream where all changes were cut', async () => {
      await cutTo(at(0));
      expect(await faults()).toEqual([one, other, test.id].map((subject) => ['amendment_behind', subject, 1]));
    });

    it('quarantines a recording that is behind the log, and releases it once the tail is back', async () => {
      const quarantine = async () =>
        (await test.vault.db.read(({ recordings }) => recordings.find(test.id, one), test.request))?.quarantine;
      const uncut = at(3);
      await rollBackRows(sql, at(1), ['amendment', 'recording']);
      await rollBackBlobs(test, at(1));
      await verify(test.vault, true);
      expect(await quarantine()).toEqual(['integrity']);
      await rollBackRows(sql, whole, ['amendment']);
      await rollBackBlobs(test, whole);
      // The facts are still the older ones.
      expect(await verify(test.vault, true)).toMatchObject([{ kind: 'facts_differ', recording: one, n: 3 }]);
      expect(await quarantine()).toEqual(['integrity']);
      const facts = uncut.rows.get('recording')?.find(({ id }) => id === one)?.['facts'];
      await sql.set('recording', { id: one }, { facts });
      expect(await verify(test.vault, true)).toEqual([]);
      expect(await quarantine()).toEqual([]);
    });

    it('names an authentic entry of another branch that store and database have', async () => {
      const [row] = (await test.rows(one)).slice(2);
      const [, last] = await test.rows(one);
      const { at: time, mac } = JSON.parse(Buffer.from(last?.entry ?? []).toString()) as { at: string; mac: string };
      const body = { v: 1, why: 'recording.amended', by: newId('usr'), op: 'facts', set: { agent: 'Zhao' } };
      const entry = { tenant: test.id, subject: one, event: newId('evt'), body };
      const made = sealEntry(await test.metadataKey(), entry, { n: 2, at: time, mac }, row?.at ?? AT);
      await test.setBlob(made.path, made.bytes);
      await sql.set('amendment', { subject: one, n: 3 }, { entry: Buffer.from(made.bytes) });
      expect(await faults()).toEqual([['amendment_differs', one, 3]]);
    });

    it('names rows that are not what the entries say, where every entry is whole', async () => {
      await rollBackRows(sql, at(2), ['recording']);
      expect(await faults()).toEqual([['facts_differ', one, 3]]);
      await rollBackRows(sql, whole);
      await sql.set('recording', { id: one }, { facts: Buffer.alloc(100, 1) });
      expect(await faults()).toEqual([['facts_differ', one, 3, 'damaged']]);
      await rollBackRows(sql, whole);
      await rollBackRows(sql, at(4), ['comment']);
      expect(await faults()).toEqual([['comment_differs', other, 3]]);
      await rollBackRows(sql, whole);
      await rollBackRows(sql, at(3), ['comment']);
      expect(await faults()).toEqual([['comment_differs', other, 3]]);
      await rollBackRows(sql, whole);
      const [comment] = whole.rows.get('comment') ?? [];
      await sql.set('comment', { id: comment?.['id'] }, { visibility: 'team' });
      expect(await faults()).toEqual([['comment_differs', other, 3]]);
      await rollBackRows(sql, whole);
      await rollBackRows(sql, at(7), ['tenant']);
      expect(await faults()).toEqual([['settings_differ', test.id, 2]]);
    });

    it('names a removed comment that was put back', async () => {
      const removed = at(5)
        .rows.get('comment')
        ?.find(({ id }) => !(whole.rows.get('comment') ?? []).some((row) => row['id'] === id));
      await sql.insert('comment', removed ?? {});
      expect(await faults()).toEqual([['comment_differs', other, 4]]);
      await sql.set('comment', { id: removed?.['id'] }, { filed: 0 });
      expect(await faults()).toEqual([['comment_differs', other, 4]]);
    });

    it('finds nothing of erased recordings, nor of comments that were filed later', async () => {
      const { recording } = await test.deposit('erased');
      await test.amend(recording, { op: 'facts', set: { agent: 'Ann' } });
      await test.store(recording);
      const noted = { tenant: test.id, id: newId('cmt'), version: 1, recording: one, author: newId('usr') };
      const words = sealCommentText(await test.metadataKey(), noted, 'from before');
      const row = { ...noted, startMs: 1, endMs: null, category: 'note', visibility: 'team', words } as const;
      await test.amend(other, { op: 'facts', set: { queue: 'sales' } }, (tx) =>
        tx.comments.insert({ ...row, created: AT, edited: null }),
      );
      await sql.set('comment', { id: noted.id }, { filed: 0 });
      expect(await faults()).toEqual([]);
      expect(await commentFiler(test.vault, () => undefined)(test.request)).toBe(1);
      expect(await test.rows(one)).toHaveLength(4);
      await eraseRecording(test.vault, by, { tenant: test.id, recording, reason: 'request' }, test.request);
      expect(await faults()).toEqual([]);
      whole = await momentNow();
      expect(await faults()).toEqual([]);
      // Its row as it was before, and that of another set to erased without an event.
      const erased = whole.rows.get('recording')?.find(({ id }) => id === recording) ?? {};
      await sql.set('recording', { id: recording }, { ...erased, state: 'AVAILABLE' });
      const found = (await verify()).filter(({ kind }) => kind === 'not_erased');
      expect(found).toEqual([{ kind: 'not_erased', tenant: test.id, recording }]);
      await rollBackRows(sql, whole);
      await rollBackRows(sql, { ...at(0), rows: new Map([['amendment', []]]) }, ['amendment'], other);
      await rollBackBlobs(test, at(0), other);
      await sql.set('recording', { id: other }, { state: 'ERASED', facts: null });
      expect(await faults()).toContainEqual(['amendment_behind', other, 1]);
    });

    it('finds nothing in a rebuilt database, and names what is cut there: its log has the last entry of each stream', async () => {
      const vault = await test.withoutRows();
      expect((await test.rebuild(vault)).problems).toEqual([]);
      expect(await verify(vault)).toEqual([]);
      const last = (await test.rows(one)).length;
      const [first] =
        at(1)
          .rows.get('recording')
          ?.filter(({ id }) => id === one) ?? [];
      await vault.db.change(async (tx) => {
        const row = await tx.recordings.lock(test.id, one);
        if (row === null) throw new Error('no such recording');
        await tx.recordings.change(row, { facts: first?.['facts'] as Buffer });
        const [kept] = await tx.amendments.page(test.id, one, 0, 1);
        await tx.amendments.deleteOf(test.id, one);
        if (kept !== undefined) await tx.amendments.insert(kept);
        return { result: null, events: [event(test.id, by, 'tenant.resumed', { id: test.id }, test.request)] };
      }, test.request);
      await rollBackBlobs(test, at(1), one);
      expect(await verify(vault)).toMatchObject([{ kind: 'amendment_behind', subject: one, n: last }]);
    });

    it('names what a rebuild does not bring back, where the database still has its log', async () => {
      await rollBackRows(sql, at(1), undefined, one);
      await rollBackBlobs(test, at(1), one);
      for (const table of ['part', 'object', 'wrapped_key']) {
        const deposits = new Set(
          (await sql.all('deposit')).filter((row) => row['recording'] === one).map(({ id }) => id),
        );
        for (const row of await sql.all(table)) if (deposits.has(row['deposit'])) await sql.remove(table, row);
      }
      for (const row of await sql.all('deposit'))
        if (row['recording'] === one) await sql.remove('deposit', { id: row['id'] });
      await sql.remove('recording', { id: one });
      await rollBackRows(sql, at(0), ['amendment'], one);
      const { problems, done } = await test.rebuild(test.vault);
      expect(done).toMatchObject({ recordings: 1, entries: 1 });
      expect(problems).toEqual([{ kind: 'amendment_behind', path: `t/${test.id}/a/…/${one}-00000002.json` }]);
      const row = await test.vault.db.read(({ recordings }) => recordings.find(test.id, one), test.request);
      expect(row?.quarantine).toEqual(['integrity', 'rebuilt']);
    });

    it('names a log that lost events, and one whose events were written again', async () => {
      const events = await sql.all('audit_event');
      const mine = events.filter(({ log }) => log === test.id).sort((a, b) => Number(a['seq']) - Number(b['seq']));
      const [dropped, final] = [mine.at(-5) ?? {}, mine.at(-1) ?? {}];
      const keyOf = (row: Row) => ({ log: test.id, seq: row['seq'] });
      await sql.freeLog();
      await sql.remove('audit_event', keyOf(dropped));
      expect(await faults()).toEqual([['log_damaged', 'gap']]);
      await sql.insert('audit_event', dropped);
      const leaf = Buffer.from(String(dropped['leaf']).length > 0 ? (dropped['leaf'] as Buffer) : []);
      leaf[leaf.length - 3] = (leaf[leaf.length - 3] ?? 0) ^ 1;
      await sql.set('audit_event', keyOf(dropped), { leaf });
      expect((await faults()).map(([kind]) => kind)).toContain('log_damaged');
      await sql.set('audit_event', keyOf(dropped), { leaf: dropped['leaf'] });
      const newest = (await sql.all('audit_event')).filter(({ log }) => log === test.id);
      const end = newest.reduce((a, b) => (Number(a['seq']) > Number(b['seq']) ? a : b), final);
      await sql.remove('audit_event', keyOf(end));
      expect(await faults()).toEqual([['log_damaged', 'gap']]);
      await sql.insert('audit_event', end);
      expect(await faults()).toEqual([]);
    });
  });
}
