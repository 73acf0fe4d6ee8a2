// Teams, their members and queues: found by tenant and person, and removed without a MAC.
import { describe, expect } from 'vitest';
import type { Team, TeamMember, TeamQueue } from '../../src/model/team/team.ts';
import { changeWithEvent, wait } from '../support/fixture-rows.ts';
import { type DatabaseCase, inGroup } from './database-fixture.ts';

const mac = Buffer.alloc(32, 7);
const team = (id: string, tenant = 'ten_a'): Team => ({
  ...{ tenant, id, state: 'ACTIVE', version: 1, created: '2026-11-25T12:00:00.000Z', name: Buffer.from('sealed'), mac },
});
const member = (of: string, person: string, lead: boolean, tenant = 'ten_a'): TeamMember => ({
  ...{ tenant, team: of, person, lead, mac },
});
const queue = (of: string, value: Uint8Array, tenant = 'ten_a'): TeamQueue => ({
  ...{ tenant, team: of, queue: value, name: Buffer.from('sealed'), mac },
});
const [one, none] = [Buffer.alloc(16, 1), Buffer.alloc(0)];

export function teams(databaseCase: DatabaseCase): void {
  describe('teams', () => {
    const it = inGroup('teams', databaseCase);

    it('are found by tenant and by person', async ({ db }) => {
      await changeWithEvent(db, async (tx) => {
        for (const row of [team('tea_1'), team('tea_2'), team('tea_1', 'ten_b')]) await tx.teams.insert(row);
        for (const row of [
          member('tea_1', 'usr_a', true),
          member('tea_1', 'usr_b', false),
          member('tea_2', 'usr_b', false),
          member('tea_1', 'usr_a', false, 'ten_b'),
        ])
          await tx.teams.insertMember(row);
        for (const row of [queue('tea_1', one), queue('tea_2', none), queue('tea_1', none, 'ten_b')])
          await tx.teams.insertQueue(row);
      });
      const found = await db.read(
        async ({ teams: rows }) => ({
          all: await rows.all('ten_a'),
          members: await rows.members('ten_a', ['tea_1', 'tea_2']),
          queues: await rows.queues('ten_a', ['tea_2']),
          noneOf: [await rows.members('ten_a', []), await rows.queues('ten_a', [])],
          a: await rows.ofPerson('ten_a', 'usr_a'),
          b: await rows.ofPerson('ten_a', 'usr_b'),
          c: await rows.ofPerson('ten_a', 'usr_c'),
        }),
        wait,
      );
      expect(found).toEqual({
        all: [team('tea_1'), team('tea_2')],
        members: [member('tea_1', 'usr_a', true), member('tea_1', 'usr_b', false), member('tea_2', 'usr_b', false)],
        queues: [queue('tea_2', none)],
        noneOf: [[], []],
        a: { teams: [team('tea_1')], members: [member('tea_1', 'usr_a', true)], queues: [queue('tea_1', one)] },
        b: {
          teams: [team('tea_1'), team('tea_2')],
          members: [member('tea_1', 'usr_b', false), member('tea_2', 'usr_b', false)],
          queues: [queue('tea_1', one), queue('tea_2', none)],
        },
        c: { teams: [], members: [], queues: [] },
      });
    });

    it('lose members and queues, and end', async ({ db }) => {
      await changeWithEvent(db, async (tx) => {
        await tx.teams.insert(team('tea_1'));
        await tx.teams.insertMember(member('tea_1', 'usr_a', true));
        await tx.teams.insertQueue(queue('tea_1', none));
      });
      const done = await changeWithEvent(db, async (tx) => [
        await tx.teams.deleteMember({ tenant: 'ten_a', team: 'tea_1', person: 'usr_b' }),
        await tx.teams.deleteMember({ tenant: 'ten_a', team: 'tea_1', person: 'usr_a' }),
        await tx.teams.deleteQueue({ tenant: 'ten_a', team: 'tea_1', queue: one }),
        await tx.teams.deleteQueue({ tenant: 'ten_a', team: 'tea_1', queue: none }),
        await tx.teams.change(team('tea_1'), { state: 'ENDED', mac: null }),
        await tx.teams.change(team('tea_1'), { state: 'ENDED', mac: null }),
      ]);
      expect(done).toEqual([false, true, false, true, true, false]);
      const row = await db.read((rows) => rows.teams.find('ten_a', 'tea_1'), wait);
      expect(row).toEqual({ ...team('tea_1'), state: 'ENDED', version: 2, mac: null });
      expect(await db.read((rows) => rows.teams.ofPerson('ten_a', 'usr_a'), wait)).toEqual({
        ...{ teams: [], members: [], queues: [] },
      });
    });

    it('have rows that are found and sealed where they lack a MAC', async ({ db }) => {
      const rows = {
        team: { ...team('tea_1'), mac: null },
        team_member: { ...member('tea_1', 'usr_a', true), mac: null },
        team_queue: { ...queue('tea_1', none), mac: null },
      };
      await changeWithEvent(db, async (tx) => {
        await tx.teams.insert(rows.team);
        await tx.teams.insertMember(rows.team_member);
        await tx.teams.insertQueue(rows.team_queue);
      });
      for (const [table, row] of Object.entries(rows)) {
        const found = () => db.read((read) => read.authority.withoutMac('ten_a', table), wait);
        expect(await found()).toEqual([row]);
        await changeWithEvent(db, (tx) => tx.authority.setMac(table, row, mac));
        expect(await found()).toEqual([]);
      }
    });
  });
}
