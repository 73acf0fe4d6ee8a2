// Examples: changes by two people, and what they set: access policy, retention rules, expiry.
import type { Policy } from '../../../src/model/policy.ts';
import { type SteppingUp, signatureOf, withPasskey } from '../../support/changes.ts';
import { applyToAll, eraseAfter, setRules } from '../../support/retention-rules.ts';
import type { World } from '../../support/world.ts';
import { bodyOf, type Example, type Examples, newcomer, newcomerWithPasskey } from './example.ts';

const WISH = { kind: 'settings', note: 'new contract', settings: { default_basis: 'none' } };

/** A change that its proposer has signed. */
async function proposed(by: SteppingUp): Promise<string> {
  return `/v1/changes/${(await bodyOf(by.browser.call('POST', '/v1/changes', { json: WISH }))).id}`;
}

/** Another person's signed change, and an administrator with a passkey. */
async function toDecide(world: World): Promise<{ readonly path: string; readonly admin: SteppingUp }> {
  const path = await proposed(await newcomerWithPasskey(world, 'privacy'));
  return { path, admin: await newcomerWithPasskey(world, 'admin') };
}

async function read(world: World, path: string, role = 'auditor'): Promise<Example> {
  return { by: await newcomer(world, role), path };
}

async function policyOf({ vault, harbour }: World): Promise<{ readonly id: string; readonly body: Policy }> {
  const signal = AbortSignal.timeout(60_000);
  const policy = await vault.db.read((rows) => rows.tenants.policy(harbour.tenant), { signal });
  if (policy === null) throw new Error('the tenant has a policy');
  return { id: policy.id, body: JSON.parse(policy.body) as Policy };
}

/** Rules in force for all recordings, so that expiry runs; returns their id. */
async function ruled(world: World): Promise<string> {
  const id = await setRules(world, world.harbour.tenant, eraseAfter('P30D'));
  await applyToAll(world);
  return id;
}

/** Rules first, the previewed ones last: they are what a proposal and a preview build on. */
export const changes: Examples = {
  listRetentionRules: (world) => read(world, '/v1/retention'),
  getRetentionRules: async (world) => read(world, `/v1/retention/${await ruled(world)}`),
  getRetentionSchema: (world) => read(world, '/v1/retention/schema'),
  listRetentionPacks: (world) => read(world, '/v1/retention/packs'),
  getExpiry: (world) => read(world, '/v1/expiry'),
  pauseExpiry: async (world) => {
    await ruled(world);
    return read(world, '/v1/expiry/pause', 'privacy');
  },
  previewRetention: async (world) => {
    const base = await ruled(world);
    return { ...(await read(world, '/v1/retention/preview')), sent: { json: { base, rules: eraseAfter('P60D') } } };
  },
  proposeChange: async ({ harbour }) => ({
    by: harbour.privacy,
    path: '/v1/changes',
    sent: { json: WISH },
    other: { ...WISH, note: 'another' },
  }),
  listChanges: (world) => read(world, '/v1/changes'),
  getChange: async (world) => read(world, (await toDecide(world)).path),
  getSettings: (world) => read(world, '/v1/settings'),
  createChangeOptions: async (world) => ({
    by: (await newcomerWithPasskey(world, 'auditor')).browser,
    path: `${(await toDecide(world)).path}/options`,
  }),
  signChange: async (world) => {
    const { id, key } = await newcomer(world, 'privacy');
    const proposer = await withPasskey(world, world.harbour.tenant, id);
    const path = `/v1/changes/${(await bodyOf(world.call('POST', '/v1/changes', { key, json: WISH }))).id}/sign`;
    const json = await signatureOf(proposer.browser, proposer.key, path);
    return { by: proposer.browser, path, sent: { json } };
  },
  approveChange: async (world) => {
    const { path, admin } = await toDecide(world);
    const json = await signatureOf(admin.browser, admin.key, `${path}/approve`);
    return { by: admin.browser, path: `${path}/approve`, sent: { json }, events: 3 };
  },
  refuseChange: async (world) => {
    const { path, admin } = await toDecide(world);
    return { by: admin.browser, path: `${path}/refuse`, sent: { json: { reason: 'not agreed' } } };
  },
  withdrawChange: async (world) => {
    const { privacy } = world.harbour;
    const { id } = await bodyOf(world.call('POST', '/v1/changes', { key: privacy.key, json: WISH }));
    return { by: privacy, path: `/v1/changes/${id}/withdraw` };
  },
  listPolicies: (world) => read(world, '/v1/policies'),
  getPolicyVersion: async (world) => read(world, `/v1/policies/${(await policyOf(world)).id}`),
  getPolicySchema: (world) => read(world, '/v1/policy/schema'),
  previewPolicy: async (world) => {
    const { id, body } = await policyOf(world);
    const json = { base: id, policy: { ...body, uses: 2 } };
    return { ...(await read(world, '/v1/policies/preview', 'privacy')), sent: { json } };
  },
};
