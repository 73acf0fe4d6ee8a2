// Sign-in sessions, links, passkeys and challenges: what is found, and what is taken only once.
import { describe, expect } from 'vitest';
import type { Challenge } from '../../src/model/sign-in.ts';
import { passkey, signIn, signInLink } from '../support/more-rows.ts';
import { changed, wait } from '../support/some-rows.ts';
import { type DatabaseCase, inGroup } from './database-fixture.ts';

const NOW = '2026-11-25T12:10:00.000Z';
const LATER = '2026-11-25T12:20:00.000Z';

export function signIns(databaseCase: DatabaseCase): void {
  describe('signing in', () => {
    const test = inGroup('signing in', databaseCase);

    test('finds sessions, links and passkeys by their ids alone, and lists what is live', async ({ db }) => {
      await changed(db, async (tx) => {
        await tx.signIns.insertSignIn(signIn);
        await tx.signIns.insertSignIn({ ...signIn, id: 'sgn_b', principal: 'usr_b' });
        await tx.signIns.insertSignIn({
          ...signIn,
          id: 'sgn_c',
          seen: LATER,
          state: 'ENDED',
          ended: NOW,
          reason: 'idle',
        });
        await tx.signIns.insertSignIn({ ...signIn, tenant: 'ten_b', id: 'sgn_d' });
        await tx.signIns.insertLink(signInLink);
        await tx.signIns.insertLink({ ...signInLink, id: 'lnk_b', state: 'USED' });
        await tx.signIns.insertPasskey(passkey);
        await tx.signIns.insertPasskey({ ...passkey, id: 'pky_b', state: 'REMOVED' });
      });
      await db.read(async ({ signIns: rows }) => {
        expect(await rows.signIn('sgn_a')).toEqual(signIn);
        expect(await rows.signIn('sgn_z')).toBeNull();
        expect((await rows.liveOf('ten_a', 'usr_a')).map(({ id }) => id)).toEqual(['sgn_a']);
        expect((await rows.liveIn('ten_a')).map(({ id }) => id)).toEqual(['sgn_b', 'sgn_a']);
        expect(await rows.lastSeen('ten_a', ['usr_b', 'usr_a', 'usr_z'])).toEqual([
          { principal: 'usr_a', seen: LATER },
          { principal: 'usr_b', seen: signIn.seen },
        ]);
        expect(await rows.lastSeen('ten_b', ['usr_b'])).toEqual([]);
        expect(await rows.lastSeen('ten_a', [])).toEqual([]);
        expect(await rows.link('lnk_a')).toEqual(signInLink);
        expect((await rows.openLinks('ten_a', null)).map(({ id }) => id)).toEqual(['lnk_a']);
        expect(await rows.openLinks('ten_a', 'usr_b')).toEqual([]);
        expect(await rows.byCredential(passkey.credential)).toEqual(passkey);
        expect((await rows.passkeys('ten_a', 'usr_a')).map(({ id }) => id)).toEqual(['pky_a']);
        expect(await rows.passkeys('ten_b', null)).toEqual([]);
        expect((await rows.overdue('2026-11-25T12:30:00.000Z', 9)).map(({ id }) => id).sort()).toEqual([
          'sgn_a',
          'sgn_b',
          'sgn_d',
        ]);
        expect(await rows.overdue(NOW, 9)).toEqual([]);
      }, wait);
    });

    test('takes a credential that is active nowhere else', async ({ db }) => {
      await changed(db, (tx) => tx.signIns.insertPasskey(passkey));
      const again = { ...passkey, tenant: 'ten_b', id: 'pky_b' };
      await expect(changed(db, (tx) => tx.signIns.insertPasskey(again))).rejects.toMatchObject({ code: 'conflict' });
    });

    for (const [kept, said, counts] of [
      [3, 4, true],
      [3, 3, false],
      [3, 2, false],
      [3, 0, false],
      [0, 0, true],
      [0, 1, true],
    ] as const) {
      test(`a passkey's counter from ${kept} to ${said}: ${counts ? 'a use' : 'a copy'}`, async ({ db }) => {
        await changed(db, (tx) => tx.signIns.insertPasskey({ ...passkey, counter: kept }));
        expect(await db.note(({ signIns: notes }) => notes.used('ten_a', 'pky_a', said, NOW), wait)).toBe(counts);
      });
    }

    test('keeps one challenge a session and use, and of nobody’s the newest', async ({ db }) => {
      const row = { id: 'c', use: 'add', signIn: 'sgn_a', value: 'v', expires: '2026-11-25T12:15:00.000Z' } as const;
      const put = (more: Partial<Challenge>, most = 2) =>
        db.note(({ signIns: notes }) => notes.challenge({ ...row, ...more }, most), wait);
      const take = (id: string, use: Challenge['use'], of: string) =>
        db.note(({ signIns: notes }) => notes.take(id, use, of, NOW), wait);
      for (const more of [{}, { id: 'd' }, { id: 'e', use: 'step-up' }, { id: 'f', signIn: 'sgn_b' }] as const)
        await put(more);
      expect([await take('c', 'add', 'sgn_a'), await take('d', 'add', 'sgn_a')]).toEqual([null, 'v']);
      expect([await take('e', 'step-up', 'sgn_a'), await take('f', 'add', 'sgn_b')]).toEqual(['v', 'v']);
      for (let n = 0; n < 4; n++) {
        await put({ id: `s${n}`, use: 'sign-in', signIn: '', expires: `2026-11-25T12:1${n + 2}:00.000Z` });
      }
      const left = [];
      for (let n = 0; n < 4; n++) left.push(await take(`s${n}`, 'sign-in', ''));
      expect(left).toEqual([null, null, 'v', 'v']);
    });

    test('takes a challenge once, for its use, its session and its time', async ({ db }) => {
      const row = { id: 'c', use: 'add', signIn: 'sgn_a', value: 'v', expires: '2026-11-25T12:15:00.000Z' } as const;
      const take = (id: string, use: 'add' | 'step-up', of: string, now: string) =>
        db.note(({ signIns: notes }) => notes.take(id, use, of, now), wait);
      await db.note(({ signIns: notes }) => notes.challenge(row, 1), wait);
      expect(await take('c', 'step-up', 'sgn_a', NOW)).toBeNull();
      expect(await take('c', 'add', 'sgn_b', NOW)).toBeNull();
      expect(await take('c', 'add', 'sgn_a', row.expires)).toBeNull();
      const both = await Promise.all([take('c', 'add', 'sgn_a', NOW), take('c', 'add', 'sgn_a', NOW)]);
      expect(both.filter((value) => value === 'v')).toHaveLength(1);
      expect(await db.note(({ signIns: notes }) => notes.forget(row.expires), wait)).toBe(0);
    });
  });
}
