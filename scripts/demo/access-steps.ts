// Steps of the story about access: no one listens before another person approves.
import { callOf, ENGLISH } from './deposit-steps.ts';
import { type DemoWorld, expectReply, expectThat, listAt, memberAt, required, send, textAt } from './world.ts';

const PURPOSE = 'quality';
/** A well-formed grant id that does not exist. */
const NO_GRANT = 'grt_01m89cf8b1e9dvmfv88xvzypqs';

type Role = 'reviewer' | 'supervisor';

/** Requests a recording with this role and returns the request's id. */
export async function requestAs(world: DemoWorld, file: string, role: Role): Promise<string> {
  const { keys } = required(world.tenants, callOf(world, file).tenant);
  const json = {
    recording: required(world.recordings, file),
    purpose: PURPOSE,
    reason: 'weekly sample, 每周抽检',
    minutes: 15,
  };
  const reply = await send(world, keys[role], 'POST', '/v1/access-requests', { json });
  expectReply(reply, `the ${role} asks`, 201);
  return textAt(reply.body, 'id');
}

/** Approves a request as the supervisor and returns the grant's id. */
export async function approveAs(world: DemoWorld, file: string, request: string): Promise<string> {
  const { keys } = required(world.tenants, callOf(world, file).tenant);
  const reply = await send(world, keys.supervisor, 'POST', `/v1/access-requests/${request}/approve`);
  expectReply(reply, 'the supervisor approves', 200);
  expectThat(memberAt(reply.body, 'state') === 'approved', `the request is ${String(memberAt(reply.body, 'state'))}`);
  expectThat(memberAt(reply.body, 'grant', 'uses_left') === 3, 'the grant does not open three sessions');
  return textAt(reply.body, 'grant', 'id');
}

async function expectNotAllowed(world: DemoWorld, file: string, role: Role, code: string): Promise<void> {
  const { keys } = required(world.tenants, callOf(world, file).tenant);
  const path = `/v1/recordings/${required(world.recordings, file)}/access?purpose=${PURPOSE}`;
  const reply = await send(world, keys[role], 'GET', path);
  expectReply(reply, 'why not', 200);
  expectThat(memberAt(reply.body, 'allowed') === false, `the ${role} may listen without approval`);
  const found = memberAt(reply.body, 'code');
  expectThat(found === code, `the ${role} gets ${String(found)} instead of ${code}`);
  expectThat(memberAt(reply.body, 'grant') === null, `the ${role} has a grant without approval`);
}

/** Listening without approval is denied, with the reason. */
export async function refuseUnapproved(world: DemoWorld): Promise<string> {
  for (const { file, tenant } of world.calls) {
    for (const role of ['reviewer', 'supervisor'] as const) {
      await expectNotAllowed(world, file, role, 'approval_required');
      const { keys } = required(world.tenants, tenant);
      const opened = await send(world, keys[role], 'POST', `/v1/grants/${NO_GRANT}/sessions`);
      expectReply(opened, `the ${role} opens a grant that does not exist`, 404, 'not_found');
    }
  }
  const { keys } = required(world.tenants, 'harbour');
  for (const role of ['uploader', 'auditor'] as const) {
    expectReply(
      await send(world, keys[role], 'POST', `/v1/grants/${NO_GRANT}/sessions`),
      `the ${role} opens`,
      403,
      'forbidden',
    );
  }
  return `all ${world.calls.length} calls answer approval_required, and no session opens`;
}

/** The reviewer requests the English call. */
export async function requestStep(world: DemoWorld): Promise<string> {
  const request = await requestAs(world, ENGLISH, 'reviewer');
  world.hand.set('request', request);
  return `${request}: quality, 15 minutes`;
}

/** A request alone opens nothing. */
export async function waitForApproval(world: DemoWorld): Promise<string> {
  await expectNotAllowed(world, ENGLISH, 'reviewer', 'approval_pending');
  const { keys } = required(world.tenants, 'harbour');
  const reply = await send(world, keys.reviewer, 'GET', `/v1/access-requests/${required(world.hand, 'request')}`);
  expectReply(reply, 'the request', 200);
  expectThat(
    memberAt(reply.body, 'state') === 'requested',
    `the request is ${String(memberAt(reply.body, 'state'))} already`,
  );
  expectThat(memberAt(reply.body, 'grant') === null, 'the request has a grant already');
  expectThat(listAt(reply.body, 'decisions').length === 0, 'the request has a decision already');
  return 'requested, not approved: approval_pending, no grant';
}

/** People cannot approve their own requests, and services cannot request access. */
export async function refuseOwnApproval(world: DemoWorld): Promise<string> {
  const { keys } = required(world.tenants, 'harbour');
  const asked = `/v1/access-requests/${required(world.hand, 'request')}`;
  expectReply(
    await send(world, keys.reviewer, 'POST', `${asked}/approve`),
    'the reviewer approves it',
    403,
    'forbidden',
  );
  const own = `/v1/access-requests/${await requestAs(world, ENGLISH, 'supervisor')}`;
  const refused = await send(world, keys.supervisor, 'POST', `${own}/approve`);
  expectReply(refused, 'the supervisor approves an own request', 403, 'access_refused');
  const failed = listAt(refused.body, 'checks').filter((one) => memberAt(one, 'ok') === false);
  expectThat(
    failed.length === 1 && memberAt(failed[0], 'code') === 'own_request',
    'it is denied for another reason than own_request',
  );
  expectReply(await send(world, keys.supervisor, 'POST', `${own}/cancel`), 'the supervisor takes it back', 200);
  const json = { recording: required(world.recordings, ENGLISH), purpose: PURPOSE, reason: 'a service', minutes: 15 };
  const byService = await send(world, keys.uploader, 'POST', '/v1/access-requests', { json });
  expectReply(byService, 'the uploader asks', 403, 'forbidden');
  return 'a supervisor’s own request: own_request; the uploading service cannot request access';
}

/** Another person approves. */
export async function approveStep(world: DemoWorld): Promise<string> {
  const grant = await approveAs(world, ENGLISH, required(world.hand, 'request'));
  world.hand.set('grant', grant);
  return `the supervisor approved; ${grant} belongs to the reviewer only`;
}
