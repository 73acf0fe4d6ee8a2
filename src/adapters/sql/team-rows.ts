// Teams, their members and queues in SQL.
import type { Kysely } from 'kysely';
import type { Team, TeamQueue } from '../../model/team/team.ts';
import type { TeamWrites } from '../../ports/rows/team-rows.ts';
import type { Connection } from './connection.ts';
import { insertInto } from './insert.ts';
import { asStored } from './mapping.ts';
import { teamMembers } from './mappings.ts';
import { query } from './query.ts';
import type { Schema } from './schema.ts';
import { versionedTable } from './versioned.ts';

const table = versionedTable('team', asStored<Team>());

const all = query((db, tenant: string) => db.selectFrom('team').selectAll().where('tenant', '=', tenant).orderBy('id'));
const members = query((db, tenant: string, teams: readonly string[]) =>
  db
    .selectFrom('teamMember')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('team', 'in', teams)
    .orderBy('team')
    .orderBy('person'),
);
const queues = query((db, tenant: string, teams: readonly string[]) =>
  db
    .selectFrom('teamQueue')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('team', 'in', teams)
    .orderBy('team')
    .orderBy('queue'),
);

const membersOfPerson = query((db, tenant: string, person: string) => ofPerson(db, tenant, person).selectAll());
const teamsOfPerson = query((db, tenant: string, person: string) =>
  db
    .selectFrom('team')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('id', 'in', ofPerson(db, tenant, person).select('team'))
    .orderBy('id'),
);
const queuesOfPerson = query((db, tenant: string, person: string) =>
  db
    .selectFrom('teamQueue')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('team', 'in', ofPerson(db, tenant, person).select('team'))
    .orderBy('team')
    .orderBy('queue'),
);

const deleteMember = query((db, tenant: string, team: string, person: string) =>
  db.deleteFrom('teamMember').where('tenant', '=', tenant).where('team', '=', team).where('person', '=', person),
);
const deleteQueue = query((db, tenant: string, team: string, queue: Uint8Array) =>
  db.deleteFrom('teamQueue').where('tenant', '=', tenant).where('team', '=', team).where('queue', '=', queue),
);

function ofPerson(db: Kysely<Schema>, tenant: string, person: string) {
  return db.selectFrom('teamMember').where('tenant', '=', tenant).where('person', '=', person);
}

export function teamRows(db: Connection): TeamWrites {
  return {
    ...table(db),
    all: (tenant) => db.all(all(tenant)),
    members: async (tenant, teams) =>
      teams.length === 0 ? [] : (await db.all(members(tenant, teams))).map(teamMembers.toNoun),
    queues: async (tenant, teams) => (teams.length === 0 ? [] : db.all<TeamQueue>(queues(tenant, teams))),
    ofPerson: async (tenant, person) => {
      const [own, teams, ofTeams] = await Promise.all([
        db.all(membersOfPerson(tenant, person)),
        db.all(teamsOfPerson(tenant, person)),
        db.all(queuesOfPerson(tenant, person)),
      ]);
      return { members: own.map(teamMembers.toNoun), teams, queues: ofTeams };
    },
    insertMember: async (row) => {
      await db.run(insertInto('teamMember', teamMembers.toColumns(row)));
    },
    deleteMember: async ({ tenant, team, person }) => (await db.run(deleteMember(tenant, team, person))) === 1,
    insertQueue: async (row) => {
      await db.run(insertInto('teamQueue', row));
    },
    deleteQueue: async ({ tenant, team, queue }) => (await db.run(deleteQueue(tenant, team, queue))) === 1,
  };
}
