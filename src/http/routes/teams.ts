// Routes of teams: list, read, the queues that they can have, remove a member or only the lead. Anything else is a change by two people.
import { z } from '@hono/zod-openapi';
import { isId } from '../../bytes/ids.ts';
import { listQueues } from '../../vault/catalogue/list-queues.ts';
import type { Vault } from '../../vault/core/vault.ts';
import { listTeams, readTeam, type TeamView } from '../../vault/teams/read-teams.ts';
import { removeMember } from '../../vault/teams/remove-member.ts';
import { requestOf } from '../context.ts';
import { bodyIn, createRouter, idIn, serve } from '../endpoint.ts';
import { serveIdempotent } from '../idempotency.ts';
import { json, list } from '../replies.ts';
import { endedSchema, idParams, jsonBody, jsonReply, listOf } from '../schemas/shapes.ts';
import { queuesSchema, teamSchema } from '../schemas/teams.ts';
import { limitStreams } from '../stream-limit.ts';

const removalBody = z.strictObject({
  person: z.string().max(64).openapi({ description: 'id of the member' }),
  only_lead: z.boolean().default(false).openapi({ description: 'true: they stay a member and no longer lead' }),
});

/** Each reply opens up to 2,000 sealed names, as suggestions do. */
const MAX_QUEUE_LISTS = 2;

export function teamRoutes(vault: Vault) {
  const app = createRouter('people');
  const few = limitStreams(MAX_QUEUE_LISTS);
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/teams',
      operationId: 'listTeams',
      summary: 'List the teams, oldest first, with members, leads and queues; a supervisor’s own',
      action: 'team.read',
      audit: ['people.read'],
      responses: { 200: jsonReply('All of them', listOf(teamSchema)) },
    },
    async (c) => {
      const teams = await listTeams(vault, c.get('caller'), requestOf(c));
      return list(teams.map(teamToJson), null, c.req.url);
    },
  );
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/teams/queues',
      operationId: 'listQueues',
      summary: 'List the queues of the tenant’s recordings, and how many teams have each',
      action: 'change.propose',
      audit: ['catalogue.read'],
      refuses: ['too_many_streams'],
      responses: { 200: jsonReply('In alphabetical order', queuesSchema) },
    },
    (c) =>
      few(c, async () => {
        const { queues, complete } = await listQueues(vault, c.get('caller'), requestOf(c));
        return json({ data: queues, complete });
      }),
  );
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/teams/{id}',
      operationId: 'getTeam',
      summary: 'Get a team with its members, leads and queues',
      action: 'team.read',
      audit: ['people.read'],
      request: { params: idParams },
      responses: { 200: jsonReply('The team', teamSchema) },
    },
    async (c) => json(teamToJson(await readTeam(vault, c.get('caller'), idIn(c, 'tea'), requestOf(c)))),
  );
  serveIdempotent(
    app,
    vault,
    {
      method: 'post',
      path: '/v1/teams/{id}/remove-member',
      operationId: 'removeTeamMember',
      summary: 'Take a person out of a team at once, or its lead from them',
      action: 'people.remove',
      audit: ['team.changed'],
      withoutKey: true,
      request: { params: idParams, body: jsonBody(removalBody) },
      refuses: ['conflict'],
      responses: { 200: jsonReply('Removed', endedSchema) },
    },
    (c) => {
      const team = idIn(c, 'tea');
      const body = bodyIn(c, removalBody);
      const { person, only_lead: onlyLead } = body;
      const what = { team, person: isId(person, 'usr') ? person : '', onlyLead };
      return {
        body,
        first: (request) => removeMember(vault, c.get('caller'), what, request),
        again: async ({ receipt }) => receipt,
        reply: (receipt) => json({ id: team, state: 'active' }, 200, receipt),
      };
    },
  );
  return app;
}

function teamToJson({ team: { id, created, version }, name, members, queues }: TeamView) {
  return { id, name, created, version, members, queues };
}
