// Steps of the story about a floor: two teams and a policy, each by two people, a bulk approval, and assigned calls.
import { approveChange, decideWithPasskey, proposeChange, signIn } from './deciders.ts';
import { callOf, ENGLISH, FRAUD, MANDARIN } from './deposit-steps.ts';
import { type DemoWorld, expectReply, expectThat, listAt, memberAt, required, send, textAt } from './world.ts';

/** Queues of the samples and of the day. `null`: calls without a queue. */
const CARDS = ['cards', 'mandarin-desk', 'Cards', 'Disputes', 'Online banking', null];
const DUE_MS = 3 * 86_400_000;
const FRAUD_DESK = ['fraud-checks', 'Loans'];

/** An admin proposes two teams; a privacy officer approves them. Both sign with a passkey. */
export async function makeTeams(world: DemoWorld): Promise<string> {
  const { deciders, staff, colleagues, keys } = required(world.tenants, 'harbour');
  for (const one of ['admin', 'privacy', 'supervisor'] as const)
    world.deciders.set(one, await signIn(world, deciders[one].secret));
  const idOf = (role: string): string => staff.find((one) => one.role === role)?.id ?? '';
  const leads = [idOf('supervisor'), deciders.supervisor.id];
  for (const [name, reviewers, queues] of [
    ['Cards', [idOf('reviewer'), colleagues[0].id], CARDS],
    ['Fraud desk', [colleagues[1].id], FRAUD_DESK],
  ] as const) {
    const json = { kind: 'team', note: 'a floor of two teams', name, members: [...leads, ...reviewers], leads, queues };
    await changeByTwo(world, 'admin', json);
  }
  const reply = await send(world, keys.admin, 'GET', '/v1/teams');
  expectReply(reply, 'the teams', 200);
  expectThat(listAt(reply.body, 'data').length === 2, 'there are not two teams');
  return 'Cards and Fraud desk, two leads each: an admin proposed them, a privacy officer approved; both signed with a passkey';
}

/** A privacy officer proposes a policy; an admin approves it. Both sign with a passkey. From then on people see their teams' calls. */
export async function changePolicy(world: DemoWorld): Promise<string> {
  const { keys, colleagues } = required(world.tenants, 'harbour');
  const { base, policy } = await policyInForce(world, keys.privacy);
  const quality = { ...(memberAt(policy, 'purposes', 'quality') as object), assignable: true };
  const purposes = { ...(memberAt(policy, 'purposes') as object), quality };
  const wanted = { ...(policy as object), purposes, scope: 'team', perDay: { sessions: 40, minutes: 180 } };
  const json = { kind: 'policy', note: 'teams see their own queues', base, policy: wanted };
  await changeByTwo(world, 'privacy', json);
  expectThat((await policyInForce(world, keys.privacy)).base !== base, 'the policy did not change');
  for (const [key, file] of [
    [keys.reviewer, FRAUD],
    [colleagues[1].key, ENGLISH],
  ] as const) {
    const path = `/v1/recordings/${required(world.recordings, file)}`;
    expectReply(await send(world, key, 'GET', path), 'a call of another team', 404, 'not_found');
  }
  return 'reviewers see the calls of their teams’ queues, the others are 404; leads may assign calls for quality checks';
}

async function policyInForce(world: DemoWorld, key: string): Promise<{ base: string; policy: unknown }> {
  const versions = await send(world, key, 'GET', '/v1/policies');
  expectReply(versions, 'the versions of the policy', 200);
  const base = textAt(
    listAt(versions.body, 'data').find((one) => memberAt(one, 'in_force') === true),
    'id',
  );
  const version = await send(world, key, 'GET', `/v1/policies/${base}`);
  expectReply(version, 'the policy in force', 200);
  return { base, policy: memberAt(version.body, 'policy') };
}

/** One request for two calls, and one passkey for both decisions. */
export async function approveInBulk(world: DemoWorld): Promise<string> {
  const { colleagues } = required(world.tenants, 'harbour');
  const recordings = [ENGLISH, MANDARIN].map((file) => required(world.recordings, file));
  const json = { recordings, purpose: 'quality', reason: 'weekly sample', minutes: 15 };
  const asked = await send(world, colleagues[0].key, 'POST', '/v1/access-requests/bulk', { json });
  expectReply(asked, 'the request for two calls', 200);
  const decisions = listAt(asked.body, 'data').map((one) => ({ request: textAt(one, 'request'), decision: 'approve' }));
  expectThat(decisions.length === recordings.length, `${decisions.length} requests instead of ${recordings.length}`);
  const lead = required(world.deciders, 'supervisor');
  const wanted = { list: 'decisions', signed: { decisions } };
  const decided = await decideWithPasskey(world, lead, '/v1/access-requests/decide', wanted);
  const approved = listAt(decided, 'data').filter((one) => memberAt(one, 'outcome') === 'approved');
  expectThat(approved.length === recordings.length, `${approved.length} approved instead of ${recordings.length}`);
  return 'one request for two calls; a lead approved both with one touch of a passkey';
}

/** A lead assigns two calls with one passkey; a reviewer hears and finishes one without asking. */
export async function assignCalls(world: DemoWorld): Promise<string> {
  const { keys, staff, colleagues } = required(world.tenants, 'harbour');
  const reviewer = staff.find(({ role }) => role === 'reviewer')?.id;
  const grants = [
    { recording: required(world.recordings, MANDARIN), reviewer },
    { recording: required(world.recordings, FRAUD), reviewer: colleagues[1].id },
  ];
  const due = new Date(Date.now() + DUE_MS).toISOString();
  const signed = { grants, purpose: 'quality', objects: ['audio'], due };
  const unsigned = { reason: 'weekly sample, 每周抽检' };
  const lead = required(world.deciders, 'supervisor');
  const made = await decideWithPasskey(world, lead, '/v1/batches', { list: 'grants', signed, unsigned });
  const assigned = listAt(made, 'outcomes').filter((one) => memberAt(one, 'outcome') === 'assigned');
  expectThat(assigned.length === grants.length, `${assigned.length} calls assigned instead of ${grants.length}`);

  const { key } = colleagues[1];
  const queue = await send(world, key, 'GET', '/v1/my-queue');
  expectReply(queue, 'the reviewer’s queue', 200);
  expectThat(listAt(queue.body, 'data').length === 1, 'the queue does not have the one call');
  const grant = textAt(queue.body, 'data', 0, 'id');
  const opened = await send(world, key, 'POST', `/v1/grants/${grant}/sessions`);
  expectReply(opened, 'the reviewer listens', 201);
  const heard = await send(world, key, 'GET', `/v1/sessions/${textAt(opened.body, 'id')}/media`);
  expectReply(heard, 'the audio', 200);
  expectThat(heard.bytes.equals(callOf(world, FRAUD).audio), 'the audio is not what was uploaded');
  expectReply(await send(world, key, 'POST', `/v1/grants/${grant}/done`), 'the reviewer finishes', 200);
  const again = await send(world, key, 'POST', `/v1/grants/${grant}/sessions`);
  expectThat(again.status === 403 || again.status === 409, `a finished call opens again: ${again.status}`);
  expectReply(await send(world, keys.reviewer, 'POST', `/v1/grants/${grant}/sessions`), 'another one’s call', 404);
  return 'a lead assigned two calls to two reviewers with one touch of a passkey; one is heard and finished';
}

/** Proposes a change in one role, and approves it in the other. */
async function changeByTwo(world: DemoWorld, role: 'admin' | 'privacy', json: object): Promise<void> {
  const change = await proposeChange(world, required(world.deciders, role), json);
  await approveChange(world, required(world.deciders, role === 'admin' ? 'privacy' : 'admin'), change);
}
