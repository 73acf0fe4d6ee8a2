// Examples: people, teams, API keys, and the log.
import { signInBrowser } from '../../support/browser.ts';
import { sealTenant } from '../../support/sealed-tenant.ts';
import { addTeam } from '../../support/teams.ts';
import type { World } from '../../support/world.ts';
import { type Example, type Examples, newcomer } from './example.ts';

/** A read of the sealed log by a new auditor. */
async function ofLog(world: World, path: string): Promise<Example> {
  await sealTenant(world, world.harbour.tenant);
  return { by: await newcomer(world, 'auditor'), path };
}

/** A read of what operators see, by a new one. */
async function byOperator(world: World, code: string, path: string): Promise<Example> {
  return { by: await signInBrowser(world, 'deployment', await world.operator(code)), path };
}

export const people: Examples = {
  listPeople: async (world) => ({ by: await newcomer(world, 'supervisor'), path: '/v1/people' }),
  signOutPerson: async (world) => {
    const { id } = await newcomer(world, 'reviewer');
    await signInBrowser(world, world.harbour.tenant, id);
    return { by: world.harbour.admin, path: `/v1/people/${id}/sign-out` };
  },
  // The deployment's log has it, too.
  deactivatePerson: async (world) => ({
    by: world.harbour.admin,
    path: `/v1/people/${await world.named(world.harbour.tenant, 'Leaver')}/deactivate`,
    events: 2,
  }),
  removeRoles: async (world) => {
    const { id } = await world.person(world.harbour.tenant, ['reviewer', 'supervisor']);
    const path = `/v1/people/${id}/remove-roles`;
    const json = { roles: ['supervisor'] };
    return { by: world.harbour.admin, path, sent: { json }, other: { roles: ['reviewer'] } };
  },
  previewPeopleImport: async (world) => ({
    by: await newcomer(world, 'admin'),
    path: '/v1/people/import/preview',
    sent: { json: { csv: 'name,roles\nWei,reviewer' } },
  }),
  listTeams: async (world) => ({ by: await newcomer(world, 'admin'), path: '/v1/teams' }),
  listQueues: async (world) => ({ by: await newcomer(world, 'privacy'), path: '/v1/teams/queues' }),
  getTeam: async (world) => {
    const { tenant, reviewer } = world.harbour;
    const team = await addTeam(world.vault, tenant, { members: [reviewer.id], queues: [] });
    return { by: await newcomer(world, 'privacy'), path: `/v1/teams/${team}` };
  },
  removeTeamMember: async (world) => {
    const { tenant, reviewer, colleague, admin } = world.harbour;
    const team = await addTeam(world.vault, tenant, { members: [reviewer.id, colleague.id], queues: [] });
    const path = `/v1/teams/${team}/remove-member`;
    return { by: admin, path, sent: { json: { person: reviewer.id } }, other: { person: colleague.id } };
  },
  listApiKeys: async (world) => ({ by: await newcomer(world, 'admin'), path: '/v1/api-keys' }),
  revokeApiKey: async (world) => {
    const { tenant, colleague, admin } = world.harbour;
    return { by: admin, path: `/v1/api-keys/${(await world.keyOf(tenant, colleague.id)).id}/revoke` };
  },
  listTenantKeys: (world) => byOperator(world, 'reader-1', '/v1/keys'),
  getKeyPlan: (world) => byOperator(world, 'reader-2', `/v1/keys/${world.harbour.tenant}/plan`),
  listAuditEvents: async (world) => ({ by: await newcomer(world, 'auditor'), path: '/v1/audit/events' }),
  listActivity: async (world) => ({ by: await newcomer(world, 'auditor'), path: '/v1/activity' }),
  getAuditProof: (world) => ofLog(world, '/v1/audit/proof?index=0'),
  getLogCheckpoint: (world) => ofLog(world, '/v1/audit/log/checkpoint'),
  getLogTile: (world) => ofLog(world, '/v1/audit/log/tile/entries/000.p/1'),
  listCheckpoints: (world) => ofLog(world, '/v1/audit/checkpoints'),
  getAnchor: (world) => ofLog(world, '/v1/audit/anchor'),
};
