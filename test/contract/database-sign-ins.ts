// Sign-in sessions, links, passkeys and challenges: lookups, and credentials that are accepted only once.
import { describe, expect } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import type { NewEvent, Subject } from '../../src/model/audit-event.ts';
import type { AuditAction } from '../../src/model/log/event-catalogue.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { changeWithEvent, session, wait } from '../support/fixture-rows.ts';
import { passkey, signIn, signInLink } from '../support/more-fixture-rows.ts';
import { type DatabaseCase, inGroup } from './database-fixture.ts';

const NOW = '2026-11-25T12:10:00.000Z';
const LATER = '2026-11-25T12:20:00.000Z';

export function signIns(databaseCase: DatabaseCase): void {
  describe('signing in', () => {
    const it = inGroup('signing in', databaseCase);

    it('finds sessions, links and passkeys by id, and lists the live ones', async ({ db }) => {
      await changeWithEvent(db, async (tx) => {
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

    it('finds the events about a person of the deployment, and not about a tenant’s', async ({ db }) => {
      const by = operatorActor('ops-1');
      const made = (action: AuditAction, object: Subject) =>
        ({ log: 'deployment', id: newId('evt'), actor: by, action, object }) as NewEvent;
      const expires = LATER;
      const events = [
        made('operator.added', { type: 'person', id: 'usr_o', roles: 'operator', code: 'ops-2' }),
        made('sign_in.link_made', { type: 'link', id: 'lnk_o', principal: 'usr_o', expires }),
        made('sign_in.link_made', { type: 'link', id: 'lnk_t', principal: 'usr_o', expires, tenant: 'ten_a' }),
        made('sign_in.opened', { type: 'sign_in', id: 'sgn_o', method: 'link', ends: expires, link: 'lnk_o' }),
        made('passkey.added', { type: 'passkey', id: 'pky_o', principal: 'usr_o' }),
        made('person.off', { type: 'person', id: 'usr_o', tenant: 'ten_a' }),
        made('person.off', { type: 'person', id: 'usr_o' }),
      ];
      await db.change(async () => ({ result: null, events }), wait);
      await db.read(async ({ log }) => {
        const about = async (index: number, id: string) =>
          (await log.eventsAbout('deployment', index, id)).map(({ seq }) => seq);
        expect(await about(0, 'usr_o')).toEqual([0, 1, 4, 6]);
        expect(await about(1, 'lnk_o')).toEqual([1, 3]);
        expect(await about(3, 'sgn_o')).toEqual([3]);
        expect(await about(0, 'lnk_t')).toEqual([0]);
        expect(await about(99, 'usr_o')).toEqual([]);
        const subjects = async (...[from, to, ids]: [from: number, to: number, ids: string[]]) =>
          (await log.subjects('deployment', from, to, ids)).map(({ id, seq }) => `${seq} ${id}`).sort();
        expect(await subjects(1, 4, ['usr_o', 'lnk_o', 'lnk_t'])).toEqual(['1 lnk_o', '1 usr_o', '3 lnk_o', '4 usr_o']);
        expect(await subjects(0, 9, [])).toEqual([]);
        expect(await log.subjects('ten_a', 0, 9, ['usr_o'])).toEqual([]);
      }, wait);
    });

    it('finds the listening sessions that browsers opened', async ({ db }) => {
      await changeWithEvent(db, async (tx) => {
        // The newest first: lists in order of ids do not follow the order of insertion.
        for (const [id, from] of Object.entries({ ses_4: null, ses_3: 'sgn_a', ses_2: 'sgn_a', ses_1: 'sgn_b' }))
          await tx.sessions.insert({ ...session, id, signIn: from });
        await tx.sessions.insert({ ...session, id: 'ses_5', signIn: 'sgn_a', state: 'ENDED' });
        await tx.sessions.insert({ ...session, tenant: 'ten_b', id: 'ses_6', signIn: 'sgn_a' });
      });
      await db.read(async ({ sessions }) => {
        const by = async (...signIns: string[]) => (await sessions.liveBy('ten_a', signIns)).map(({ id }) => id);
        expect(await by('sgn_a')).toEqual(['ses_2', 'ses_3']);
        expect(await by('sgn_a', 'sgn_z', 'sgn_b')).toEqual(['ses_1', 'ses_2', 'ses_3']);
        expect(await by()).toEqual([]);
        expect((await sessions.liveIn('ten_a')).map(({ id }) => id)).toEqual(['ses_1', 'ses_2', 'ses_3', 'ses_4']);
      }, wait);
    });

    it('accepts a passkey that is active in no other tenant', async ({ db }) => {
      await changeWithEvent(db, (tx) => tx.signIns.insertPasskey(passkey));
      const again = { ...passkey, tenant: 'ten_b', id: 'pky_b' };
      await expect(changeWithEvent(db, (tx) => tx.signIns.insertPasskey(again))).rejects.toMatchObject({
        code: 'conflict',
      });
    });

    for (const [stored, reported, counts] of [
      [3, 4, true],
      [3, 3, false],
      [3, 2, false],
      [3, 0, false],
      [0, 0, true],
      [0, 1, true],
    ] as const) {
      it(`a passkey's counter from ${stored} to ${reported}: ${counts ? 'a use' : 'a copy'}`, async ({ db }) => {
        await changeWithEvent(db, (tx) => tx.signIns.insertPasskey({ ...passkey, counter: stored }));
        expect(await db.note(({ signIns: notes }) => notes.used('ten_a', 'pky_a', reported, NOW), wait)).toBe(counts);
      });
    }

    it('records the answer of a challenge once, until it is deleted', async ({ db }) => {
      const answer = (id: string) => db.note(({ signIns: notes }) => notes.answered(id, LATER), wait);
      const forget = (expired: string) => db.note(({ signIns: notes }) => notes.forget(expired, 9), wait);
      const both = await Promise.all([answer('c'), answer('c')]);
      expect(both.toSorted()).toEqual([false, true]);
      expect(await answer('d')).toBe(true);
      expect(await forget(NOW)).toBe(0);
      expect(await answer('c')).toBe(false);
      expect(await forget(LATER)).toBe(2);
      expect(await answer('c')).toBe(true);
    });

    it('keeps the first key of challenges, whichever process creates it', async ({ db }) => {
      const key = (byte: number) => db.note(({ signIns: notes }) => notes.challengeKey(Buffer.alloc(32, byte)), wait);
      const [one, two] = await Promise.all([key(1), key(2)]);
      expect(Buffer.from(one ?? [])).toEqual(Buffer.from(two ?? []));
      expect(Buffer.from(await key(3))).toEqual(Buffer.from(one ?? []));
    });
  });
}
