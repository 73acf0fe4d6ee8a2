// The rows of listening: served ranges in a session's row, the events of a recording, comments.
import { describe, expect } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import type { Session } from '../../src/model/access.ts';
import type { NewEvent } from '../../src/model/audit-event.ts';
import type { Comment } from '../../src/model/comment.ts';
import type { ServedRange } from '../../src/model/served-ranges.ts';
import type { CommentRows } from '../../src/ports/rows/comment-rows.ts';
import { changeWithEvent, insertRows, session, someEvent, wait } from '../support/fixture-rows.ts';
import { type DatabaseCase, inGroup } from './database-fixture.ts';

const comment: Comment = {
  tenant: 'ten_a',
  id: 'cmt_b',
  version: 1,
  recording: 'rec_a',
  author: 'usr_a',
  startMs: 2_000,
  endMs: 3_000,
  category: 'note',
  visibility: 'team',
  words: Buffer.from([0, 255]),
  created: '2026-11-25T12:00:00.000Z',
  edited: null,
};

function eventOn(object: NewEvent['object'], log = 'ten_a'): NewEvent {
  return { ...someEvent(log), id: newId('evt'), object };
}

export function sound(databaseCase: DatabaseCase): void {
  describe('listening', () => {
    const it = inGroup('listening', databaseCase);

    it('merges the served ranges of a live session, also of concurrent replies', async ({ db, another }) => {
      await insertRows(db);
      const other = await another();
      const ranges = Array.from({ length: 24 }, (_, n) => [n * 100, n * 100 + (n % 3 === 2 ? 50 : 100)] as const);
      const counted = await Promise.all(
        ranges.map((heard, n) =>
          (n % 2 === 0 ? db : other).note((n) => n.sessions.count(session, { bytes: 10, servedRange: heard }), wait),
        ),
      );
      expect(counted).not.toContain(null);
      await db.note((n) => n.sessions.count(session, { bytes: 5, servedRange: null }), wait);
      const row = await db.read((rows) => rows.sessions.find('ten_a', 'ses_a'), wait);
      const heard = Array.from({ length: 8 }, (_, n) => [n * 300, n * 300 + 250]);
      expect(row).toMatchObject({ ranges: 25, bytes: 245, heard });
    });

    it('returns the served ranges of a session, whatever the caller knew of them', async ({ db }) => {
      await insertRows(db);
      const add = (heard: Session['heard'], servedRange: ServedRange) =>
        db.note((n) => n.sessions.count({ ...session, heard }, { bytes: 1, servedRange }), wait);
      expect(await add(null, [0, 100])).toEqual({ before: null, heard: [[0, 100]] });
      expect(await add([[0, 100]], [300, 400])).toEqual({
        before: [[0, 100]],
        heard: [
          [0, 100],
          [300, 400],
        ],
      });
      for (const stale of [null, [], [[0, 100]], [[0, 900]]] as const)
        expect(await add(stale, [400, 500])).toMatchObject({
          heard: [
            [0, 100],
            [300, 500],
          ],
        });
      const row = await db.read((rows) => rows.sessions.find('ten_a', 'ses_a'), wait);
      expect(row).toMatchObject({
        ranges: 6,
        bytes: 6,
        heard: [
          [0, 100],
          [300, 500],
        ],
      });
    });

    it('stores no range of an ended session', async ({ db }) => {
      await insertRows(db);
      await changeWithEvent(db, (tx) => tx.sessions.change(session, { state: 'ENDED', mac: null }));
      const late = { bytes: 10, servedRange: [0, 100] } as const;
      expect(await db.note((n) => n.sessions.count(session, late), wait)).toBeNull();
      expect((await db.read((rows) => rows.sessions.find('ten_a', 'ses_a'), wait))?.heard).toBeNull();
    });

    it('lists the sessions of a person on a recording, live or ended', async ({ db }) => {
      await changeWithEvent(db, async (tx) => {
        await tx.sessions.insert({ ...session, id: 'ses_b', state: 'ENDED' });
        await tx.sessions.insert(session);
        await tx.sessions.insert({ ...session, id: 'ses_c', principal: 'usr_b' });
        await tx.sessions.insert({ ...session, id: 'ses_d', recording: 'rec_b' });
        await tx.sessions.insert({ ...session, id: 'ses_e', tenant: 'ten_b' });
      });
      const found = await db.read((rows) => rows.sessions.ofPerson('ten_a', 'rec_a', 'usr_a'), wait);
      expect(found.map(({ id }) => id)).toEqual(['ses_a', 'ses_b']);
    });
  });

  describe('the events of a recording', () => {
    const it = inGroup('the events of a recording', databaseCase);

    it('have details, found by the events’ ids', async ({ db }) => {
      const sealed = { salt: Buffer.alloc(32, 1), commitment: 'c', sealed: Buffer.from([0, 255]) };
      const of = (id: string, recording: string, log = 'ten_a') => {
        return { ...someEvent(log), id, object: { type: 'recording', id: recording }, detail: sealed } as const;
      };
      const events = [of('evt_1', 'rec_a'), of('evt_2', 'rec_a'), of('evt_3', 'rec_b'), of('evt_1', 'rec_a', 'ten_b')];
      await db.change(async () => ({ result: 0, events }), wait);
      const found = async (...ids: string[]) => {
        const details = await db.read((read) => read.log.detailsOf('ten_a', 'rec_a', ids), wait);
        return details.map(({ leaf, salt, ...rest }) => {
          expect([Buffer.from(salt ?? []), Buffer.from(rest.sealed ?? [])]).toEqual([sealed.salt, sealed.sealed]);
          return (JSON.parse(Buffer.from(leaf).toString()) as { id: string }).id;
        });
      };
      expect(await found('evt_3', 'evt_2', 'evt_1')).toEqual(['evt_1', 'evt_2']);
      expect(await found('evt_2')).toEqual(['evt_2']);
      expect(await found()).toEqual([]);
      await changeWithEvent(db, (tx) => tx.log.forgetDetails('ten_a', 'rec_a'));
      expect(await found('evt_1', 'evt_2')).toEqual([]);
    });

    it('are those about it or naming it, newest first, page by page', async ({ db }) => {
      const events = [
        eventOn({ type: 'recording', id: 'rec_a' }),
        eventOn({ type: 'session', id: 'ses_a', recording: 'rec_a' }),
        eventOn({ type: 'session', id: 'ses_b', recording: 'rec_b' }),
        eventOn({ type: 'log', id: 'rec_a' }),
        eventOn({ type: 'recording', id: 'rec_a' }, 'ten_b'),
        eventOn({ type: 'deposit', id: 'dep_a', recording: 'rec_a' }),
      ];
      await db.change(async () => ({ result: null, events }), wait);
      await db.read(async ({ log }) => {
        const all = await log.events('ten_a', 0, 9);
        expect([await log.size('ten_a'), await log.size('ten_b'), await log.size('ten_c')]).toEqual([5, 1, 0]);
        const of = all.filter(({ seq }) => [0, 1, 4].includes(seq)).reverse();
        expect(await log.eventsOf('ten_a', 'rec_a', null, 9)).toEqual(of);
        expect(await log.eventsOf('ten_a', 'rec_a', null, 2)).toEqual(of.slice(0, 2));
        expect(await log.eventsOf('ten_a', 'rec_a', 4, 9)).toEqual(of.slice(1));
        expect(await log.eventsOf('ten_a', 'rec_a', 0, 9)).toEqual([]);
        expect(await log.eventsOf('ten_b', 'rec_a', null, 9)).toHaveLength(1);
        expect(await log.eventsOf('ten_c', 'rec_a', null, 9)).toEqual([]);
      }, wait);
    });
  });

  describe('comments', () => {
    const it = inGroup('comments', databaseCase);

    it('are the team’s and one’s own, in the order of the call, page by page', async ({ db }) => {
      const rows: Comment[] = [
        comment,
        { ...comment, id: 'cmt_a', endMs: null, edited: comment.created },
        { ...comment, id: 'cmt_c', startMs: 1_000, visibility: 'private' },
        { ...comment, id: 'cmt_d', startMs: 9, author: 'usr_b', visibility: 'private' },
        { ...comment, id: 'cmt_e', startMs: 31_536_000_000, author: 'usr_b' },
        { ...comment, id: 'cmt_f', recording: 'rec_b' },
        { ...comment, tenant: 'ten_b' },
      ];
      await changeWithEvent(db, async (tx) => {
        for (const row of rows) await tx.comments.insert(row);
      });
      await db.read(async ({ comments }) => {
        const page = async (person: string, after: Pick<Comment, 'startMs' | 'id'> | null, limit = 9) =>
          (await comments.page('ten_a', 'rec_a', person, after, limit)).map(({ id }) => id);
        expect(await comments.page('ten_a', 'rec_a', 'usr_a', null, 3)).toEqual([rows[2], rows[1], rows[0]]);
        expect(await page('usr_a', null)).toEqual(['cmt_c', 'cmt_a', 'cmt_b', 'cmt_e']);
        expect(await page('usr_b', null)).toEqual(['cmt_d', 'cmt_a', 'cmt_b', 'cmt_e']);
        expect(await page('usr_c', null, 2)).toEqual(['cmt_a', 'cmt_b']);
        expect(await page('usr_a', { startMs: 2_000, id: 'cmt_a' })).toEqual(['cmt_b', 'cmt_e']);
        expect(await comments.count('ten_a', 'rec_a')).toBe(5);
        const ofRecording = await comments.ofRecording('ten_a', 'rec_a');
        expect(ofRecording.map(({ comment: { id }, filed }) => [id, filed])).toEqual(
          rows
            .filter((row) => row.tenant === 'ten_a' && row.recording === 'rec_a')
            .map(({ id }) => id)
            .sort()
            .map((id) => [id, true]),
        );
        expect(await comments.count('ten_a', 'rec_c')).toBe(0);
        expect(await comments.find('ten_a', 'cmt_b')).toEqual(comment);
      }, wait);
    });

    it('are without an entry where an earlier version wrote them, until one says their version', async ({
      db,
      tested,
    }) => {
      const rows: Comment[] = ['cmt_a', 'cmt_b', 'cmt_c'].map((id) => ({ ...comment, id }));
      rows.push({ ...comment, tenant: 'ten_b', id: 'cmt_a' });
      await changeWithEvent(db, async (tx) => {
        for (const row of rows) await tx.comments.insert(row);
      });
      const unfiled = async (after: Parameters<CommentRows['unfiled']>[0] = null, limit = 9) => {
        const found = await db.read(({ comments }) => comments.unfiled(after, limit), wait);
        return found.map(({ tenant, id, version }) => `${tenant} ${id} ${version}`);
      };
      const count = (most: number) => db.read(({ comments }) => comments.countUnfiled(most), wait);
      expect([await unfiled(), await count(9)]).toEqual([[], 0]);
      await tested.run('update comment set filed = 0');
      const [a, b, c] = ['ten_a cmt_a 1', 'ten_a cmt_b 1', 'ten_a cmt_c 1'];
      expect(await unfiled()).toEqual([a, b, c, 'ten_b cmt_a 1']);
      expect(await unfiled(null, 2)).toEqual([a, b]);
      expect(await unfiled({ tenant: 'ten_a', id: 'cmt_b' })).toEqual([c, 'ten_b cmt_a 1']);
      expect([await count(9), await count(3)]).toEqual([4, 3]);
      const [first, second] = rows as [Comment, Comment];
      const filed = await changeWithEvent(db, async (tx) => {
        await tx.comments.change(second, { startMs: 5 });
        const marks = [first, first, { ...second, version: 1 }];
        const done: boolean[] = [];
        for (const one of marks) done.push(await tx.comments.markFiled(one));
        return done;
      });
      expect(filed).toEqual([true, false, false]);
      expect(await unfiled()).toEqual([c, 'ten_b cmt_a 1']);
      // A process of an earlier version changes a comment that has an entry.
      await tested.run("update comment set version = 2 where tenant = 'ten_a' and id = 'cmt_a'");
      expect(await unfiled(null, 1)).toEqual(['ten_a cmt_a 2']);
      expect(await db.read(({ comments }) => comments.find('ten_a', 'cmt_a'), wait)).toEqual({ ...first, version: 2 });
    });

    it('are changed and deleted only if unchanged since they were read, and all of a recording at once', async ({
      db,
    }) => {
      const stale = await changeWithEvent(db, async (tx) => {
        for (const id of ['cmt_a', 'cmt_b', 'cmt_c']) await tx.comments.insert({ ...comment, id });
        await tx.comments.insert({ ...comment, id: 'cmt_d', recording: 'rec_b' });
        const done = await tx.comments.change(comment, { startMs: 5 });
        return [done, await tx.comments.change(comment, { startMs: 6 }), await tx.comments.delete(comment)];
      });
      expect(stale).toEqual([true, false, false]);
      const removed = await changeWithEvent(db, (tx) => tx.comments.delete({ ...comment, version: 2 }));
      expect(removed).toBe(true);
      expect(await db.read((rows) => rows.comments.count('ten_a', 'rec_a'), wait)).toBe(2);
      await changeWithEvent(db, (tx) => tx.comments.deleteOf('ten_a', 'rec_a'));
      await db.read(async ({ comments }) => {
        expect(await comments.count('ten_a', 'rec_a')).toBe(0);
        expect(await comments.count('ten_a', 'rec_b')).toBe(1);
      }, wait);
    });
  });
}
