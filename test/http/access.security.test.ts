// Requests, decisions and sessions: every way in that must fail.
import { afterEach, describe, expect, it } from 'vitest';
import { wav } from '../support/wav.ts';
import { makeWorld, type World, type WorldOptions } from '../support/world.ts';
import { expectProblem, type Problem } from './problem.ts';

let world: World;
afterEach(() => world.end());

const HOUR = 3_600_000;

/** A world with one recording of Harbour Bank. */
async function begin(options: WorldOptions = {}): Promise<string> {
  world = await makeWorld(options);
  return world.deposited(world.harbour, 'call', wav(1000));
}

type Who = 'reviewer' | 'supervisor' | 'privacy' | 'colleague';
const post = (who: { readonly key: string }, path: string, json?: unknown) =>
  world.call('POST', path, { key: who.key, json });

async function ask(who: Who, recording: string, purpose = 'quality', minutes = 15): Promise<Response> {
  return post(world.harbour[who], '/v1/access-requests', { recording, purpose, reason: 'weekly sample', minutes });
}

const idIn = async (reply: Response): Promise<string> => ((await reply.json()) as { id: string }).id;
const failed = ({ checks = [] }: Problem) => checks.filter(({ ok }) => ok === false).map(({ code }) => code);

async function expectRefused(reply: Response, ...codes: readonly string[]): Promise<void> {
  expect(failed(await expectProblem(reply, 403, 'access_refused'))).toEqual(codes);
}

describe('a decision', () => {
  it('on an own request is denied, and so is any on a service’s request by its owner', async () => {
    const recording = await begin();
    const { supervisor, uploader } = world.harbour;
    const own = await idIn(await ask('supervisor', recording));
    const others = await idIn(await ask('reviewer', recording));
    await expectRefused(await post(supervisor, `/v1/access-requests/${own}/approve`), 'own_request');
    await expectProblem(await post(uploader, `/v1/access-requests/${own}/approve`), 403, 'forbidden');
    // A service decides nothing, whatever its row says.
    world.sql.prepare("update principal set roles = 'supervisor' where id = ?").run(uploader.id);
    world.sql.prepare("update api_key set scopes = 'decide' where principal = ?").run(uploader.id);
    await world.reseal();
    for (const one of [own, others])
      await expectProblem(await post(uploader, `/v1/access-requests/${one}/approve`), 403, 'forbidden');
    expect((await world.snapshot()).filter((line) => /^(decision|access_grant) /.test(line))).toEqual([]);
  });

  it('is final: denied, cancelled, expired and approved requests take no other', async () => {
    const recording = await begin();
    const { supervisor, reviewer, colleague } = world.harbour;
    const path = async (verb?: string, by = supervisor): Promise<string> => {
      const made = `/v1/access-requests/${await idIn(await ask('reviewer', recording))}`;
      const json = verb === 'deny' ? { reason: 'no need' } : undefined;
      if (verb !== undefined) expect((await post(by, `${made}/${verb}`, json)).status).toBe(200);
      return made;
    };
    for (const done of [await path('deny'), await path('approve'), await path('cancel', reviewer)]) {
      const before = await world.snapshot(true);
      await expectRefused(await post(supervisor, `${done}/approve`), 'request_not_open');
      await expectRefused(await post(supervisor, `${done}/deny`, { reason: 'no need' }), 'request_not_open');
      await expectProblem(await post(reviewer, `${done}/cancel`), 409, 'conflict');
      expect(await world.snapshot(true)).toEqual(before);
    }
    const open = await path();
    await expectProblem(await world.call('GET', open, { key: colleague.key }), 404, 'not_found');
    await expectProblem(await post(colleague, `${open}/cancel`), 404, 'not_found');
    world.forward(73 * HOUR);
    await expectRefused(await post(supervisor, `${open}/approve`), 'request_expired');
  });

  it('made twice at once creates one grant', async () => {
    const recording = await begin();
    const second = await world.person(world.harbour.tenant, ['supervisor']);
    const id = await idIn(await ask('reviewer', recording));
    const all = [world.harbour.supervisor, second, world.harbour.supervisor, second];
    const replies = await Promise.all(all.map((who) => post(who, `/v1/access-requests/${id}/approve`)));
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
    expect((await world.snapshot()).filter((line) => line.startsWith('access_grant '))).toHaveLength(1);
  });

  it('by an account younger than the policy requires is denied until it is old enough', async () => {
    const recording = await begin({ approverAgeHours: 24 });
    const id = await idIn(await ask('reviewer', recording));
    const added = await world.person(world.harbour.tenant, ['supervisor']);
    const approve = () => post(added, `/v1/access-requests/${id}/approve`);
    await expectRefused(await approve(), 'account_too_young');
    world.forward(23 * HOUR);
    await expectRefused(await approve(), 'account_too_young');
    world.forward(2 * HOUR);
    expect((await approve()).status).toBe(200);
  });

  it('by an approver named at the tenant’s creation counts at once', async () => {
    const recording = await begin({ approverAgeHours: 24 });
    const id = await idIn(await ask('reviewer', recording));
    expect((await post(world.harbour.supervisor, `/v1/access-requests/${id}/approve`)).status).toBe(200);
  });
});

describe('a request', () => {
  it('that the policy can never grant is denied at once', async () => {
    const recording = await begin();
    const before = await world.snapshot(true);
    await expectRefused(await ask('reviewer', recording, 'legal'), 'role_not_allowed');
    await expectRefused(await ask('privacy', recording, 'quality'), 'role_not_allowed');
    await expectRefused(await ask('reviewer', recording, 'curiosity'), 'purpose_not_allowed');
    await expectRefused(await ask('reviewer', recording, '__proto__'), 'purpose_not_allowed');
    await expectRefused(await ask('reviewer', recording, 'quality', 61), 'too_long');
    expect(await world.snapshot(true)).toEqual(before);
  });

  it('for a quarantined recording is for privacy only, and needs another person’s approval', async () => {
    const recording = await begin({ defaultBasis: 'none' });
    const { supervisor, privacy, reviewer } = world.harbour;
    for (const purpose of ['quality', 'complaint', 'legal'] as const)
      for (const who of ['reviewer', 'supervisor'] as const)
        expect(failed(await expectProblem(await ask(who, recording, purpose), 403, 'access_refused'))).toContain(
          'quarantined',
        );
    expect(failed(await expectProblem(await ask('privacy', recording, 'dispute'), 403, 'access_refused'))).toEqual([
      'basis_insufficient',
    ]);
    const id = await idIn(await ask('privacy', recording, 'subject-request'));
    await expectProblem(await post(privacy, `/v1/access-requests/${id}/approve`), 403, 'forbidden');
    const approved = await post(supervisor, `/v1/access-requests/${id}/approve`);
    const { grant } = (await approved.json()) as { grant: { id: string } };
    for (const who of [reviewer, supervisor])
      await expectProblem(await post(who, `/v1/grants/${grant.id}/sessions`), 404, 'not_found');
    const session = await idIn(await post(privacy, `/v1/grants/${grant.id}/sessions`));
    const heard = await world.call('GET', `/v1/sessions/${session}/media`, { key: privacy.key });
    expect(Buffer.from(await heard.arrayBuffer()).equals(wav(1000))).toBe(true);
  });
});

describe('a grant', () => {
  it('opens three of sixty-four sessions requested at once', async () => {
    const grant = await grantOfOne();
    const open = () => post(world.harbour.reviewer, `/v1/grants/${grant}/sessions`);
    const replies = await Promise.all(Array.from({ length: 64 }, open));
    expect(replies.filter(({ status }) => status === 201)).toHaveLength(3);
    for (const reply of replies.filter(({ status }) => status !== 201)) await expectRefused(reply, 'grant_consumed');
    expect((await world.snapshot()).filter((line) => line.startsWith('session '))).toHaveLength(3);
  });

  it('that expired or was revoked opens nothing, and cannot be revoked twice', async () => {
    const grant = await grantOfOne();
    world.forward(8 * 3_600_000);
    await expectRefused(await post(world.harbour.reviewer, `/v1/grants/${grant}/sessions`), 'grant_expired');
    await world.end();
    const other = await grantOfOne();
    expect((await post(world.harbour.privacy, `/v1/grants/${other}/revoke`)).status).toBe(200);
    await expectRefused(await post(world.harbour.reviewer, `/v1/grants/${other}/sessions`), 'grant_revoked');
    await expectProblem(await post(world.harbour.reviewer, `/v1/grants/${other}/revoke`), 409, 'conflict');
  });

  async function grantOfOne(): Promise<string> {
    const recording = await begin();
    return world.grant(world.harbour, recording);
  }
});

it('a suspended tenant can neither upload, nor listen, nor open a session', async () => {
  const recording = await begin();
  const grant = await world.grant(world.harbour, recording);
  const session = await world.session(world.harbour, grant);
  world.sql.prepare("update tenant set state = 'SUSPENDED' where tenant = ?").run(world.harbour.tenant);
  const before = await world.snapshot(true);
  const { reviewer, supervisor, uploader } = world.harbour;
  await expectProblem(await world.ingest(world.harbour, 'x', wav(10)), 503, 'not_available');
  await expectProblem(await world.ingest(world.harbour, 'call', wav(1000)), 503, 'not_available');
  await expectProblem(await post(uploader, '/v1/recordings', { source: 'a', call_id: 'b' }), 503, 'not_available');
  await expectProblem(await ask('reviewer', recording), 503, 'not_available');
  await expectProblem(await post(reviewer, `/v1/grants/${grant}/sessions`), 503, 'not_available');
  await expectProblem(await post(supervisor, '/v1/recordings/search', { agent: 'a' }), 503, 'not_available');
  for (const path of ['/v1/recordings', `/v1/recordings/${recording}`, `/v1/grants/${grant}`, '/v1/access-requests'])
    await expectProblem(await world.call('GET', path, { key: reviewer.key }), 503, 'not_available');
  const media = await world.call('GET', `/v1/sessions/${session}/media`, { key: reviewer.key });
  expect(failed(await expectProblem(media, 403, 'session_ended'))).toEqual(['tenant_suspended']);
  expect(await world.snapshot(true)).toEqual(before);
});
