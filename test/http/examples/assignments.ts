// Examples: batches of assigned calls, and the queue of who listens to them.
import { addBatch, assigned, makeAssignable, signedBatch } from '../../support/batches.ts';
import type { SteppingUp } from '../../support/changes.ts';
import { sealTenant } from '../../support/sealed-tenant.ts';
import { addTeam } from '../../support/teams.ts';
import type { KeyHolder, World } from '../../support/world.ts';
import { bodyOf, deposited, type Example, type Examples, newcomer, newcomerWithPasskey } from './example.ts';

/** Someone who leads every queue, with a passkey. */
async function lead(world: World): Promise<SteppingUp> {
  const { tenant } = world.harbour;
  await makeAssignable(world, tenant);
  const maker = await newcomerWithPasskey(world, 'supervisor');
  await addTeam(world.vault, tenant, { members: [maker.id], leads: [maker.id], queues: [null] });
  return maker;
}

/** One new call, for a reviewer. */
async function callFor(world: World, reviewer: KeyHolder) {
  const recording = await deposited(world);
  await sealTenant(world, world.harbour.tenant);
  const due = new Date(world.vault.clock.now() + 86_400_000).toISOString();
  return { grants: [{ recording, reviewer: reviewer.id }], due };
}

/** A call that was assigned to someone new and that they began to hear. */
async function opened(world: World, under: string): Promise<Example> {
  const by = await newcomer(world, 'reviewer');
  const { outcomes } = await assigned(await lead(world), await callFor(world, by));
  const path = `/v1/grants/${outcomes[0]?.grant ?? ''}`;
  await bodyOf(world.call('POST', `${path}/sessions`, { key: by.key }));
  // The session ends, and the batch closes.
  return { by, path: `${path}${under}`, events: 3 };
}

export const assignments: Examples = {
  listReviewers: async (world) => ({ by: await newcomer(world, 'supervisor'), path: '/v1/batches/reviewers' }),
  checkBatch: async (world) => ({
    by: await newcomer(world, 'supervisor'),
    path: '/v1/batches/check',
    sent: { json: { purpose: 'quality', ...(await callFor(world, world.harbour.reviewer)) } },
  }),
  createBatchOptions: async (world) => ({
    by: (await lead(world)).browser,
    path: '/v1/batches/options',
    sent: { json: { purpose: 'quality', ...(await callFor(world, await newcomer(world, 'reviewer'))) } },
  }),
  createBatch: async (world) => {
    const maker = await lead(world);
    const json = await signedBatch(maker, await callFor(world, await newcomer(world, 'reviewer')));
    return { by: maker.browser, path: '/v1/batches', sent: { json }, events: 2 };
  },
  listBatches: async (world) => ({ by: await newcomer(world, 'supervisor'), path: '/v1/batches' }),
  getBatch: async (world) => {
    const by = await newcomer(world, 'supervisor');
    return { by, path: `/v1/batches/${await addBatch(world.vault, world.harbour.tenant, by.id)}` };
  },
  withdrawBatch: async (world) => {
    const { tenant, supervisor } = world.harbour;
    const path = `/v1/batches/${await addBatch(world.vault, tenant, supervisor.id)}/withdraw`;
    return { by: supervisor, path, sent: { json: { reason: 'no need' } }, other: { reason: 'another' } };
  },
  getMyQueue: async (world) => ({ by: await newcomer(world, 'reviewer'), path: '/v1/my-queue' }),
  finishGrant: (world) => opened(world, '/done'),
  returnGrant: async (world) => ({
    ...(await opened(world, '/return')),
    sent: { json: { reason: 'no time' } },
    other: { reason: 'another' },
  }),
};
