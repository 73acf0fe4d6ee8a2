// What a person has used of the limits on listening.
import { describe, expect } from 'vitest';
import { changeWithEvent, session, wait } from '../support/fixture-rows.ts';
import { type DatabaseCase, inGroup } from './database-fixture.ts';

export function limits(databaseCase: DatabaseCase): void {
  describe('limits on listening', () => {
    const it = inGroup('limits on listening', databaseCase);

    it('counts what a person has used of a day, and what is live', async ({ db }) => {
      const [day, now] = ['2026-11-25T00:00:00.000Z', '2026-11-25T12:30:00.000Z'];
      const early = { ...session, opened: '2026-11-24T23:59:59.999Z' };
      await changeWithEvent(db, async (tx) => {
        await tx.sessions.insert({ ...session, id: 'ses_1', ends: now });
        await tx.sessions.insert({ ...session, id: 'ses_2', opened: day, ends: '2026-11-25T12:30:00.001Z' });
        await tx.sessions.insert({ ...session, id: 'ses_3', state: 'ENDED', mac: null });
        await tx.sessions.insert({ ...early, id: 'ses_4', ends: '2026-11-25T13:00:00.000Z' });
        await tx.sessions.insert({ ...session, id: 'ses_5', principal: 'usr_b' });
        await tx.sessions.insert({ ...session, id: 'ses_6', tenant: 'ten_b' });
      });
      await db.read(async ({ sessions }) => {
        expect(await sessions.usedBy('ten_a', 'usr_a', day, now)).toEqual({ sessions: 3, minutes: 0, live: 2 });
        expect(await sessions.usedBy('ten_a', 'usr_c', day, now)).toEqual({ sessions: 0, minutes: 0, live: 0 });
      }, wait);
    });
  });
}
